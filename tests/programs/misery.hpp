#pragma once

// What a test can do to the process that it runs in, to its supervisor and to the rest of the machine: one function for
// each, of either framework. The test `Misery.<name>` does it when the variable MISERY says so, and passes otherwise,
// so that each run has one that misbehaves among many that do not.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <locale>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace misery {

/// Read before any test can change the environment.
inline const std::string g_chosen = std::getenv("MISERY") == nullptr ? "" : std::getenv("MISERY");
inline const std::string g_log = std::getenv("CLEAVE_TEST_LOG") == nullptr ? "" : std::getenv("CLEAVE_TEST_LOG");
inline const bool g_clock_steps = std::getenv("CLOCK_STEPS") != nullptr;

/// Set by main, beneath the framework.
inline std::jmp_buf g_main;

constexpr int kMostDescriptors = 1024;

inline void sleep_for(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

// What a process can change of itself.

inline void ChangesDirectory() {
  if (::chdir("/") != 0) throw std::runtime_error("chdir");
}
inline void RemovesItsDirectory() {
  std::string folder = std::string(std::getenv("TMPDIR")) + "/gone-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr || ::chdir(folder.c_str()) != 0 || ::rmdir(folder.c_str()) != 0) {
    throw std::runtime_error(folder);
  }
}
inline void ForbidsAllFiles() { ::umask(0777); }
inline void ChangesTheLocale() {
  struct Odd : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\1"; }
  };
  std::locale::global(std::locale(std::locale::classic(), new Odd));
  std::cout.imbue(std::locale());
  std::cout << 1234567 << ' ' << 0.5 << std::endl;
}
inline void IgnoresAllSignals() {
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_IGN);
}
inline void HandlesAllSignals() {
  for (int number = 1; number < NSIG; ++number) std::signal(number, [](int) {});
}
inline void BlocksAllSignals() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
}
inline void ClearsTheEnvironment() { ::clearenv(); }
inline void SpoilsTheEnvironment() {
  for (const char* name :
       {"CLEAVE_WORKER", "CLEAVE_JOBS", "CLEAVE_ATTEMPT", "CLEAVE_SHARD_INDEX", "CLEAVE_TMPDIR", "TMPDIR",
        "CLEAVE_RUN_DIR", "CLEAVE_PREFIX", "GTEST_FILTER", "GTEST_TOTAL_SHARDS", "LD_PRELOAD", "PATH"}) {
    ::setenv(name, "\x01 nonsense \xff", 1);
  }
}
inline void ChangesItsGroup() { ::setpgid(0, ::getpgid(::getppid())); }
inline void CallsSetsid() { (void)::setsid(); }
inline void ChangesItsName() { ::prctl(PR_SET_NAME, "a) Z 1 (b"); }
inline void BecomesASubreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
inline void SurvivesItsParent() { ::prctl(PR_SET_PDEATHSIG, 0); }
inline void ClosesStandardStreams() {
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
}
inline void UsesUpItsDescriptors() {
  const rlimit low{64, 64};
  ::setrlimit(RLIMIT_NOFILE, &low);
  int last = 0;
  for (int fd = 0; fd >= 0; fd = ::open("/dev/null", O_RDONLY)) last = fd;
  ::close(last);  // One is left for the log.
}
inline void JumpsOverDestructors() {
  struct NeverDestroyed {
    std::string text = std::string(100, 'x');
  };
  std::jmp_buf here;
  if (setjmp(here) != 0) return;
  static NeverDestroyed* jumped_over = nullptr;
  jumped_over = new NeverDestroyed;
  std::longjmp(here, 1);  // NOLINT(cert-err52-cpp): that is the point.
}
inline void LeavesThreadsRunning() {
  for (int i = 0; i < 3; ++i) {
    std::thread([] {
      for (;;) sleep_for(1);
    }).detach();
  }
}
inline void ReadsStandardInput() {
  std::string line;
  if (std::getline(std::cin, line)) throw std::runtime_error("somebody said " + line);
}

// What ends it.

inline void Exits() { std::exit(0); }
inline void LeavesAtOnce() { ::_exit(0); }
inline void QuickExits() { std::quick_exit(0); }
/// Out of the framework, to a main that then returns what a green run returns.
inline void JumpsToMain() {
  std::longjmp(g_main, 1);  // NOLINT(cert-err52-cpp): that is the point.
}
inline void RaisesAnAlarm() {
  const itimerval soon{{0, 0}, {0, 10000}};
  ::setitimer(ITIMER_REAL, &soon, nullptr);
  for (;;) ::pause();
}
inline void WritesToABrokenPipe() {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  ::close(ends[0]);
  if (::write(ends[1], "x", 1) != 1) throw std::runtime_error("it goes on behind a SIGPIPE");
}
inline void ThrowsFromAThread() {
  std::thread([] { throw std::runtime_error("from a thread"); }).join();
}
inline void EatsAllMemory() {
  const rlimit low{std::uint64_t{512} << 20U, RLIM_INFINITY};
  ::setrlimit(RLIMIT_AS, &low);
  std::vector<std::string> eaten;
  for (;;) eaten.emplace_back(std::size_t{16} << 20U, 'x');
}
inline void IsOutOfMemory() {
  // As the kernel does it to the one that has most.
  std::raise(SIGKILL);
}

// What it does to others.

inline void LeavesADaemon() {
  if (::fork() != 0) {
    ::wait(nullptr);
    return;
  }
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  for (;;) ::pause();
}
inline void ClosesAllDescriptors() {
  for (int fd = 0; fd < kMostDescriptors; ++fd) ::close(fd);
}
/// In hundredths of a second, of user and system.
inline long cpu_time_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  long user = 0;
  long system = 0;
  const auto end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::sscanf(text.c_str() + end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
  return user + system;
}
/// The supervisor must not spin meanwhile.
inline void ClosesAllDescriptorsAndSleeps() {
  ClosesAllDescriptors();
  const long before = cpu_time_of(::getppid());
  sleep_for(500);
  if (cpu_time_of(::getppid()) - before > 10) std::raise(SIGUSR2);
}
/// To those of Cleave, which are numbered from 200 on. Lower ones may come from whoever started the tests, and are none
/// of theirs.
inline void write_to_foreign_descriptors(const std::string& bytes) {
  std::signal(SIGPIPE, SIG_IGN);
  for (int fd = 200; fd < kMostDescriptors; ++fd) {
    const int how = ::fcntl(fd, F_GETFL);
    if (how >= 0 && (how & O_ACCMODE) != O_RDONLY && ::write(fd, bytes.data(), bytes.size()) < 0) continue;
  }
}
inline void WritesToForeignDescriptors() { write_to_foreign_descriptors("these are not mine"); }
/// What begins like a long message of a kind that there is not.
inline void WritesALengthToForeignDescriptors() { write_to_foreign_descriptors(std::string("\0\0\x10\0\xfe", 5)); }
/// All that is shared with other processes and that this one may write to. By then the supervisor has heard that the
/// test began.
inline void WritesToSharedMemory() {
  sleep_for(300);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%zx-%zx %4s", &begin, &end, rights) != 3 || std::string(rights) != "rw-s") continue;
    std::memset(reinterpret_cast<void*>(begin), 0xA5, end - begin);
  }
}
inline void StopsItsSupervisor() {
  const pid_t supervisor = ::getppid();
  ::kill(supervisor, SIGSTOP);
  sleep_for(300);
  ::kill(supervisor, SIGCONT);
}
/// For longer than it runs itself.
inline void StopsItsSupervisorBehindIt() {
  const pid_t supervisor = ::getppid();
  if (::fork() == 0) {
    ::setsid();
    ::kill(supervisor, SIGSTOP);
    sleep_for(600);
    ::kill(supervisor, SIGCONT);
    ::_exit(0);
  }
  sleep_for(50);
}
inline void StopsAndGoesOn() {
  const pid_t self = ::getpid();
  if (::fork() == 0) {
    sleep_for(100);
    ::kill(self, SIGCONT);
    ::_exit(0);
  }
  ::raise(SIGSTOP);
  ::wait(nullptr);
}
inline void RefusesNewProcesses() {
  const rlimit none{0, 0};
  if (::prlimit(::getppid(), RLIMIT_NPROC, &none, nullptr) != 0) throw std::runtime_error("prlimit");
}
inline void RefusesNewDescriptors() {
  const rlimit few{3, 3};
  if (::prlimit(::getppid(), RLIMIT_NOFILE, &few, nullptr) != 0) throw std::runtime_error("prlimit");
}
/// Of its supervisor: a journal can't grow any more.
inline void RefusesFurtherBytes() {
  const rlimit none{1, RLIM_INFINITY};
  if (::prlimit(::getppid(), RLIMIT_FSIZE, &none, nullptr) != 0) throw std::runtime_error("prlimit");
}

// What it prints.

inline void Prints100Megabytes() {
  std::string line(1023, '.');
  line += '\n';
  std::cout << "this is the first line\n";
  for (int i = 0; i < 100 * 1024; ++i) std::cout.write(line.data(), static_cast<std::streamsize>(line.size()));
  std::cout << "this is the last line" << std::endl;
  throw std::runtime_error("so that it is shown");
}
inline void PrintsAllBytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  std::cout << "all of them: " << bytes << bytes << "]]> \x1b[2J </script> end of them" << std::endl;
  throw std::runtime_error("what() of all of them: " + bytes.substr(1));
}
inline void FailsWithALongMessage() {
  std::string text = "a long one:";
  // Lines, because Catch2 takes minutes to wrap a single one of a megabyte.
  for (int line = 0; line < 1000; ++line) text += "\n" + std::string(64, 'm');
  throw std::runtime_error(text);
}

#define MISERIES(X)                    \
  X(ChangesDirectory)                  \
  X(RemovesItsDirectory)               \
  X(ForbidsAllFiles)                   \
  X(ChangesTheLocale)                  \
  X(IgnoresAllSignals)                 \
  X(HandlesAllSignals)                 \
  X(BlocksAllSignals)                  \
  X(ClearsTheEnvironment)              \
  X(SpoilsTheEnvironment)              \
  X(ChangesItsGroup)                   \
  X(CallsSetsid)                       \
  X(ChangesItsName)                    \
  X(BecomesASubreaper)                 \
  X(SurvivesItsParent)                 \
  X(ClosesStandardStreams)             \
  X(UsesUpItsDescriptors)              \
  X(JumpsOverDestructors)              \
  X(LeavesThreadsRunning)              \
  X(ReadsStandardInput)                \
  X(Exits)                             \
  X(LeavesAtOnce)                      \
  X(QuickExits)                        \
  X(JumpsToMain)                       \
  X(RaisesAnAlarm)                     \
  X(WritesToABrokenPipe)               \
  X(ThrowsFromAThread)                 \
  X(EatsAllMemory)                     \
  X(IsOutOfMemory)                     \
  X(LeavesADaemon)                     \
  X(ClosesAllDescriptors)              \
  X(ClosesAllDescriptorsAndSleeps)     \
  X(WritesToForeignDescriptors)        \
  X(WritesALengthToForeignDescriptors) \
  X(WritesToSharedMemory)              \
  X(StopsItsSupervisor)                \
  X(StopsItsSupervisorBehindIt)        \
  X(StopsAndGoesOn)                    \
  X(RefusesNewProcesses)               \
  X(RefusesNewDescriptors)             \
  X(RefusesFurtherBytes)               \
  X(Prints100Megabytes)                \
  X(PrintsAllBytes)                    \
  X(FailsWithALongMessage)

/// Ten kilobytes with everything that a filter, a document or a path could stumble over in them.
inline const char* long_name() {
  static const std::string name = [] {
    std::string text = "TenKilobytes";
    while (text.size() < 10240) text += "_and_more";
    return text;
  }();
  return name.c_str();
}

/// MISERY names one test, or several with commas between them.
inline bool is_chosen(const std::string& name) {
  return ("," + g_chosen + ",").find("," + name + ",") != std::string::npos;
}

/// What each test does: one line in the log for each start, and its misery when that was chosen.
inline void test(const char* name, void (*misery)()) {
  if (!g_log.empty()) {
    const std::string line = "start " + std::string(name) + "\n";
    const int fd = ::open(g_log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ::write(fd, line.data(), line.size()) < 0) std::perror("log");
    if (fd >= 0) ::close(fd);
  }
  if (misery != nullptr && is_chosen(name)) misery();
}

}  // namespace misery

/// The clock of the day steps to and fro every few milliseconds where CLOCK_STEPS is set: for this program, Cleave in
/// it and the standard library.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (result != 0 || !misery::g_clock_steps || clock != CLOCK_REALTIME) return result;
  timespec monotonic{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &monotonic);
  constexpr std::array<std::int64_t, 4> kSteps{0, -3600, 86400, -86400};
  time->tv_sec += kSteps[static_cast<std::size_t>(monotonic.tv_nsec / 7'000'000) % kSteps.size()];
  return 0;
}
