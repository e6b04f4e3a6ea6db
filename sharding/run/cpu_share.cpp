#include "run/cpu_share.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>

#include "cleave/detail/adapter_api.hpp"
#include "cleave/detail/fixture_api.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "plan/width.hpp"

extern "C" {
/// Of the user's OpenMP runtime. Null in a program that is linked without one.
void omp_set_num_threads(int threads) __attribute__((weak));
}

namespace cleave::run {
namespace {

constexpr const char* kShare = "CLEAVE_CPUS";
constexpr const char* kOpenMp = "OMP_NUM_THREADS";

/// 0 until cap_threads(). What a test forks inherits it.
std::atomic<unsigned> g_cap{0};

unsigned number_in(const std::string& text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Set by something else than the run that this run is a part of.
bool set_by_user(const Caller& caller) {
  const auto& assignments = caller.settings.environment;
  const bool by_template = std::any_of(assignments.begin(), assignments.end(), [](const std::string& assignment) {
    return assignment.starts_with(std::string(kOpenMp) + "=");
  });
  const auto inherited = os::environment(kOpenMp);
  return by_template || (inherited && inherited != os::environment(kShare));
}

}  // namespace

unsigned cpus_of_worker(const RunContext& context, bool alone) {
  const unsigned cpus = detail::cpu_share();
  if (alone) return cpus;
  std::uint32_t width = context.lanes;
  if (context.by_entries) {
    const auto level = os::environment("CTEST_PARALLEL_LEVEL");
    width = std::min(width, plan::ctest_width(os::command_line_of(os::ctest_or_parent().pid), level));
  }
  return plan::share_of(cpus, width);
}

void add_cpu_variables(const Caller& caller, unsigned cpus, Variables& variables) {
  variables.emplace_back(kShare, std::to_string(cpus));
  if (!set_by_user(caller)) variables.emplace_back(kOpenMp, std::to_string(cpus));
}

void set_openmp_width(const std::string& omp_num_threads) noexcept {
  // Of a list, which is one number for each level of nesting, the first.
  const unsigned threads = number_in(omp_num_threads);
  if (threads > 0 && omp_set_num_threads != nullptr) omp_set_num_threads(static_cast<int>(threads));
}

void cap_threads() noexcept {
  if (const auto share = os::environment(kShare)) g_cap = number_in(*share);
}

}  // namespace cleave::run

namespace cleave::detail {

unsigned cpu_share() noexcept {
  if (const unsigned cap = run::g_cap) return cap;
  // Not kept: a worker has the memory of the process that forked it, whose share is another.
  const auto text = os::environment(run::kShare);
  const unsigned share = text ? run::number_in(*text) : 0;
  return share > 0 ? share : os::usable_cpus();
}

unsigned capped_threads(unsigned real) noexcept {
  const unsigned cap = run::g_cap;
  return cap > 0 ? std::min(real, cap) : real;
}

}  // namespace cleave::detail
