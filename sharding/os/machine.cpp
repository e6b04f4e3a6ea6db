#include "os/machine.hpp"

#include <netinet/in.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "os/cgroup.hpp"
#include "os/fd.hpp"
#include "os/file.hpp"

namespace cleave::os {
namespace {

/// What wall_now() adds to the time since the machine was started; 0 before anybody asked.
constinit std::atomic<std::int64_t> g_clock_offset{0};

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<double> number_in_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::nullopt;
  return number_in(*text);
}

/// CPUs of version 2's `cpu.max`: "200000 100000" are two; "max" is no quota.
std::optional<double> quota_v2(const std::string& folder) {
  const auto text = read_file(folder + "/cpu.max");
  if (!text) return std::nullopt;
  const auto space = text->find(' ');
  const auto quota = number_in(*text);
  const auto period = space == std::string::npos ? std::nullopt : number_in(std::string_view(*text).substr(space + 1));
  if (!quota || !period || *period <= 0) return std::nullopt;
  return *quota / *period;
}

std::optional<double> quota_v1(const std::string& folder) {
  const auto quota = number_in_file(folder + "/cpu.cfs_quota_us");
  const auto period = number_in_file(folder + "/cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

/// The tightest quota on the way from this process's cgroup up to the root.
std::optional<double> cpu_quota() {
  std::optional<double> tightest;
  const auto tighten = [&](std::optional<double> quota) {
    if (quota) tightest = std::min(tightest.value_or(*quota), *quota);
  };
  const plan::CgroupFolders folders = cgroup_folders("cpu");
  for (const std::string& folder : folders.v2) tighten(quota_v2(folder));
  for (const std::string& folder : folders.v1) tighten(quota_v1(folder));
  return tightest;
}

std::chrono::nanoseconds clock_now(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

template <class Address>
bool can_bind(int family, Address address) noexcept {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return true;  // No such family here: nothing of it can be in the way.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errno == EADDRNOTAVAIL;  // IPv6 is switched off.
  }
  return ::listen(fd.get(), 1) == 0;
}

}  // namespace

std::chrono::nanoseconds monotonic_now() noexcept { return clock_now(CLOCK_MONOTONIC); }
std::chrono::nanoseconds wall_now() noexcept { return clock_offset() + clock_now(CLOCK_BOOTTIME); }

std::chrono::nanoseconds clock_offset() noexcept {
  std::int64_t offset = g_clock_offset.load(std::memory_order_relaxed);
  if (offset != 0) return std::chrono::nanoseconds(offset);
  const std::int64_t now = (clock_now(CLOCK_REALTIME) - clock_now(CLOCK_BOOTTIME)).count();
  // Of several threads that ask first, one decides.
  return std::chrono::nanoseconds(g_clock_offset.compare_exchange_strong(offset, now) ? now : offset);
}

void follow_clock(std::chrono::nanoseconds offset) noexcept {
  if (offset.count() != 0) g_clock_offset.store(offset.count(), std::memory_order_relaxed);
}

void sleep_for(std::chrono::nanoseconds duration) noexcept {
  if (duration.count() <= 0) return;
  const auto until = monotonic_now() + std::min(duration, std::chrono::nanoseconds(std::chrono::hours(24 * 365)));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(until);
  timespec end{};
  end.tv_sec = seconds.count();
  end.tv_nsec = (until - seconds).count();
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr) == EINTR) {
  }
}

unsigned usable_cpus() noexcept {
  unsigned cpus = 1;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    cpus = static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  } else if (const long online = ::sysconf(_SC_NPROCESSORS_ONLN); online > 0) {
    cpus = static_cast<unsigned>(online);  // More CPUs than a cpu_set_t holds.
  }
  if (const auto quota = cpu_quota()) {
    const auto limit = static_cast<unsigned>(std::max(1.0, *quota + 0.999));
    cpus = std::min(cpus, limit);
  }
  return cpus;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

std::string scratch_directory() {
  const auto set = environment("TMPDIR");
  return set && !set->empty() ? *set : "/tmp";
}

std::uint64_t random_bits() noexcept {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) {
    bits = static_cast<std::uint64_t>(monotonic_now().count()) * std::uint64_t{0x9E3779B97F4A7C15} ^
           static_cast<std::uint64_t>(::getpid());
  }
  return bits;
}

std::optional<std::string> environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

std::vector<std::string> all_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

char** raw_environment() noexcept { return environ; }

void set_environment(const std::string& name, const std::string& value) noexcept {
  ::setenv(name.c_str(), value.c_str(), 1);
}

void unset_environment(const std::string& name) noexcept { ::unsetenv(name.c_str()); }

bool port_is_free(std::uint16_t port) noexcept {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_ANY);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_any;
  return can_bind(AF_INET, v4) && can_bind(AF_INET6, v6);
}

}  // namespace cleave::os
