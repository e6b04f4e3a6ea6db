#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run_program.hpp"

namespace cleave::test {

/// Runs of `cleave run` in a sandbox of their own.
class PoolRuns : public testing::Test {
 protected:
  std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), {CLEAVE_TOOL, "run", "--dir=" + box_.reports()});
    return words;
  }
  Finished run(const std::vector<std::string>& words) const { return box_.run(command(words)); }
  nlohmann::json merged() const {
    return nlohmann::json::parse(box_.read(box_.reports() + "/cleave/run/latest/report.json"), nullptr, false);
  }

  Sandbox box_;
};

}  // namespace cleave::test
