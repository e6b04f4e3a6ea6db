#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cleave/detail/adapter_api.hpp"
#include "plan/result.hpp"

namespace cleave::run {

/// What a worker process knows of its supervisor. Survives an exec as the variable CLEAVE_WORKER.
struct WorkerConfig {
  bool listing = false;
  int event_fd = -1;    ///< Events go there.
  int command_fd = -1;  ///< Batches come from there.
  int output_fd = -1;   ///< The captured output, to ask for its size.
  std::uint32_t seed = 0;
  std::uint32_t test_count = 0;
  std::atomic<std::uint32_t>* running = nullptr;  ///< Shared; null after an exec.
};

std::string to_variable(const WorkerConfig& config);
Result<WorkerConfig> from_variable(std::string_view text);

/// Makes this process the worker that the functions of adapter_api.hpp serve. Once, before Adapter::attach.
void become_session(const WorkerConfig& config);

/// One batch as it travels down the command pipe: a 32-bit count (0: nothing more), a 32-bit number that is stored for
/// the first item in the running slot, then the assignments.
struct BatchItem {
  detail::Assignment assignment{};
  std::uint32_t item = 0;
};
std::string encode_batch(const std::vector<BatchItem>& items);

}  // namespace cleave::run
