#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "property.hpp"
#include "target.hpp"

namespace cleave::test {
namespace {

using Target = void (*)(std::string_view);

const std::map<std::string, Target>& all_targets() {
  static const std::map<std::string, Target> all{
      {"catch2_parts", fuzz::catch2_parts},
      {"config", fuzz::config},
      {"events", fuzz::events},
      {"flags", fuzz::flags},
      {"history", fuzz::history},
      {"journal", fuzz::journal},
      {"json", fuzz::json},
      {"printed", fuzz::printed},
      {"queue", fuzz::queue},
      {"run_files", fuzz::run_files},
      {"tags", fuzz::tags},
      {"texts", fuzz::texts},
#ifdef CLEAVE_FUZZ_CLI
      {"plain_story", fuzz::plain_story},
      {"report_file", fuzz::report_file},
#endif
  };
  return all;
}

/// What is run at the moment, for the last words of a process that dies of it.
char g_running[256];

void tell_and_die(int number) {
  const ssize_t written = ::write(2, g_running, std::strlen(g_running));
  ::signal(number, written < 0 ? SIG_IGN : SIG_DFL);
  ::raise(number);
}

/// Whatever the target dies of, the input is named.
class LastWords {
 public:
  LastWords() {
    for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) ::signal(number, tell_and_die);
  }
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;
  ~LastWords() {
    for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) ::signal(number, SIG_DFL);
  }
};

void run(Target target, const std::string& input, const std::string& name) {
  const std::string words = "died of " + name + "\n";
  g_running[words.copy(g_running, sizeof g_running - 1)] = '\0';
  try {
    target(input);
  } catch (const std::exception& broken) {
    ADD_FAILURE() << name << ": " << broken.what();
  }
}

std::string mutated(std::string bytes, const std::string& other, Choices& choices) {
  static const std::vector<std::string> pieces{"\xFF\xFF\xFF\xFF",
                                               std::string(4, '\0'),
                                               std::string("\x01\0\0\0", 4),
                                               "\n",
                                               "\n----\n",
                                               "]]>",
                                               "</script>",
                                               "\x1b]52;c;x\x07",
                                               "\xE2\x80\xAE",
                                               "-1",
                                               "1e999",
                                               "18446744073709551616",
                                               "\"",
                                               "{{",
                                               "&#0;",
                                               "::error::",
                                               "##teamcity["};
  const auto place = [&] { return choices.number(0, static_cast<std::uint32_t>(bytes.size())); };
  for (std::uint32_t left = choices.number(1, 4); left > 0; --left) {
    const std::uint32_t at = place();
    switch (choices.number(0, 5)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(choices.number(0, 255));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << choices.number(0, 7)));
        break;
      case 2: bytes.erase(at, choices.number(1, 16)); break;
      case 3: bytes.insert(at, choices.one_of(pieces)); break;
      case 4: bytes.insert(at, bytes.substr(place(), choices.number(1, 64))); break;
      default: bytes = bytes.substr(0, at) + other.substr(std::min<std::size_t>(at, other.size()));
    }
  }
  return bytes;
}

class Fuzz : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = std::filesystem::path(CLEAVE_FUZZ_CORPUS) / GetParam();
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      names_.push_back(GetParam() + "/" + file.filename().string());
      inputs_.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    ASSERT_FALSE(inputs_.empty()) << folder << " holds no input";
  }

  const LastWords words_;
  std::vector<std::string> names_;
  std::vector<std::string> inputs_;
};

// R19: every input that ever broke a reader, and those that others are made of.
TEST_P(Fuzz, KeptInputsBreakNothing) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) run(all_targets().at(GetParam()), inputs_[i], names_[i]);
}

// R19: CLEAVE_PROPERTY_SEED chooses others than those of every run.
TEST_P(Fuzz, MutationsBreakNothing) {
  const Target target = all_targets().at(GetParam());
  // What renders whole reports or writes files takes a hundred times as long as a reader alone.
  static const std::set<std::string> slow{"journal", "printed", "queue", "report_file", "run_files"};
  for (const std::uint64_t seed : seeds({}, slow.contains(GetParam()) ? 200 : 2000)) {
    Choices choices(seed);
    const std::size_t from = seed % inputs_.size();
    const std::string input = mutated(inputs_[from], choices.one_of(inputs_), choices);
    run(target, input, names_[from] + " changed with seed " + std::to_string(seed));
    if (HasFailure()) return;
  }
}

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const auto& [name, target] : all_targets()) names.push_back(name);
  return names;
}

std::string name_of(const testing::TestParamInfo<std::string>& target) { return target.param; }

INSTANTIATE_TEST_SUITE_P(, Fuzz, testing::ValuesIn(target_names()), name_of);

}  // namespace
}  // namespace cleave::test
