#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cleave/detail/adapter_api.hpp"
#include "os/byte_ring.hpp"
#include "plan/result.hpp"
#include "plan/test_case.hpp"
#include "run/begin_marks.hpp"

namespace cleave::run {

/// What this process is for. The values travel in CLEAVE_WORKER.
enum class Role : std::uint8_t {
  plain = 0,  ///< Not made by Cleave, or its supervisor.
  lister = 1,
  worker = 2,
  fixture_host = 3,  ///< Sets up fixtures, holds them, and tears them down.
};

/// What a worker process knows of its supervisor. Survives an exec as the variable CLEAVE_WORKER.
struct WorkerConfig {
  Role role = Role::worker;
  int event_fd = -1;    ///< Events go there; the bell of the ring, where there is one.
  int command_fd = -1;  ///< Batches come from there.
  int output_fd = -1;   ///< The captured output, to ask for its size.
  int crash_fd = -1;    ///< The worker's end of an os::CrashLine, or -1.
  int ring_fd = -1;     ///< Role worker: of the ring, for a start by exec.
  std::uint32_t seed = 0;
  bool output_is_shown = false;          ///< Live, as it comes.
  BeginMarks marks;                      ///< Role worker.
  os::ByteRing* ring = nullptr;          ///< Role worker: events go there. Lives as long as the process.
  const plan::TestList* list = nullptr;  ///< As the supervisor has it; null after an exec.
  /// Indices, when the worker can be given these tests and no others, and main cannot move them; null after an exec.
  const std::vector<std::uint32_t>* only_tests = nullptr;
  bool unheard = false;  ///< Its answers lie in the pipe, and nobody waits for what it says between two looks.
};

std::string to_variable(const WorkerConfig& config);
Result<WorkerConfig> from_variable(std::string_view text);

/// Makes this process the worker that the functions of adapter_api.hpp serve. Once, before Adapter::attach.
void become_session(const WorkerConfig& config);

Role current_role() noexcept;
/// True in a worker, false in what it forked.
bool speaks_for_worker() noexcept;
/// The full name of the test that runs in this worker (or in the one that forked this process); empty between tests.
std::string current_test();

/// One batch as it travels down the command pipe: a 32-bit count (0: nothing more), a 32-bit number that is stored for
/// the first item in the running slot, then the assignments.
struct BatchItem {
  detail::Assignment assignment{};
  std::uint32_t item = 0;
};
std::string encode_batch(const std::vector<BatchItem>& items);
/// The answer to event::AsksAgain on the same pipe: the number of the attempt that follows at once, or 0 for none.
std::string encode_answer(std::uint32_t attempt);

}  // namespace cleave::run
