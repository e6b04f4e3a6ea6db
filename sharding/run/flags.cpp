#include "run/flags.hpp"

#include <array>
#include <charconv>

#include "os/machine.hpp"
#include "plan/policy.hpp"
#include "plan/whole_number.hpp"

namespace cleave::run {
namespace {

using Value = std::string;

constexpr double kHighestLoad = 100000;
constexpr std::uint32_t kHighestDescriptor = 65535;

Result<void> not_legal(const Value& value, std::string_view legal) {
  return Error{Errc::usage, "'" + value + "' is not " + std::string(legal), 0};
}

Result<void> read_number(const Value& value, std::uint32_t low, std::uint32_t high, std::uint32_t& number,
                         std::string_view or_else = "") {
  const auto read = plan::whole_number<std::uint32_t>(value, low, high);
  if (!read) {
    return not_legal(value,
                     std::string(or_else) + "a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  number = *read;
  return {};
}

/// Takes over what a reader of sharding/plan makes of the value.
template <class T>
Result<void> read_as(Result<T> (*parse)(std::string_view), const Value& value, T& field) {
  auto parsed = parse(value);
  if (!parsed) return Error{Errc::usage, "'" + value + "': " + parsed.error().what, 0};
  field = *parsed;
  return {};
}

Result<void> read_path(const Value& value, std::string& path) {
  if (value.empty()) return not_legal(value, "a path");
  path = value;
  return {};
}

Result<void> read_jobs(const Value& value, Options& options) {
  if (value != "auto") return read_number(value, 1, 1024, options.jobs, "auto or ");
  options.jobs_auto = true;
  return {};
}

Result<void> read_list(const Value& value, Options& options) {
  options.list = true;
  options.list_json = value == "json";
  return value.empty() || value == "json" || value == "1" ? Result<void>() : not_legal(value, "empty or json");
}

Result<void> read_help(const Value&, Options& options) {
  options.help = true;
  return {};
}

Result<void> read_timeout(const Value& value, Options& options) {
  return read_as(plan::parse_duration, value, options.test_timeout);
}

Result<void> read_isolation(const Value& value, Options& options) {
  options.has_isolation = true;
  return read_as(plan::parse_isolation, value, options.isolation);
}

Result<void> read_output(const Value& value, Options& options) {
  if (value != "fail" && value != "capture" && value != "stream") return not_legal(value, "fail, capture or stream");
  options.output = value;
  return {};
}

Result<void> read_log(const Value& value, Options& options) {
  if (value == "quiet")
    options.log = LogLevel::quiet;
  else if (value == "normal")
    options.log = LogLevel::normal;
  else if (value == "verbose")
    options.log = LogLevel::verbose;
  else
    return not_legal(value, "quiet, normal or verbose");
  return {};
}

Result<void> read_colour(const Value& value, Options& options) {
  if (value == "auto")
    options.colour = Colour::automatic;
  else if (value == "always")
    options.colour = Colour::always;
  else if (value == "never")
    options.colour = Colour::never;
  else
    return not_legal(value, "auto, always or never");
  return {};
}

Result<void> read_heartbeat(const Value& value, Options& options) {
  return read_as(plan::parse_duration, value, options.heartbeat);
}

Result<void> read_seed(const Value& value, Options& options) { return read_number(value, 1, 99999, options.seed); }
Result<void> read_dir(const Value& value, Options& options) { return read_path(value, options.dir); }
Result<void> read_replay(const Value& value, Options& options) { return read_path(value, options.replay); }

Result<void> read_stacks(const Value& value, Options& options) { return read_path(value, options.stacks); }
Result<void> read_events(const Value& value, Options& options) {
  if (value.empty()) return not_legal(value, "a file or fd:N");
  if (value.starts_with("fd:") && !plan::whole_number<std::uint32_t>(value.substr(3), 1, kHighestDescriptor)) {
    return not_legal(value, "fd:N with a number from 1 to 65535; a file of that name is ./" + value);
  }
  options.events = value;
  return {};
}

Result<void> read_filter(const Value& value, Options& options) {
  options.filter = value;
  return value.empty() ? not_legal(value, "a pattern for names, with * and ?") : Result<void>();
}

/// Without a value the first red test ends the run; 0 takes back what CMake says.
Result<void> read_fail_fast(const Value& value, Options& options) {
  options.has_fail_fast = true;
  options.fail_fast = {};
  if (value == "0") return {};
  return read_as(plan::parse_failure_limit, value.empty() ? "1" : value, options.fail_fast);
}

Result<void> read_retries(const Value& value, Options& options) {
  return read_as(plan::parse_retries, value, options.retries);
}

Result<void> read_flaky(const Value& value, Options& options) {
  options.has_flaky = true;
  return read_as(plan::parse_flaky, value, options.flaky);
}

Result<void> read_rerun(const Value& value, Options& options) {
  options.rerun_failed = true;
  return value == "failed" ? Result<void>() : not_legal(value, "failed");
}

Result<void> read_repeat(const Value& value, Options& options) {
  constexpr std::string_view kUntilFail = "until-fail:";
  options.until_fail = value.starts_with(kUntilFail);
  const Value number = options.until_fail ? value.substr(kUntilFail.size()) : value;
  const auto repeat = plan::whole_number<std::uint32_t>(number, 1, 100000);
  if (!repeat) return not_legal(value, "N or until-fail:N with a number from 1 to 100000");
  options.repeat = *repeat;
  return {};
}

Result<void> read_verify(const Value& value, Options& options) { return read_number(value, 1, 1000, options.verify); }

Result<void> read_cache(const Value&, Options& options) {
  options.cache = true;
  return {};
}

Result<void> read_max_load(const Value& value, Options& options) {
  if (value == "auto") {
    options.max_load = os::usable_cpus();
    return {};
  }
  double load = 0;
  const char* const last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, load, std::chars_format::fixed);
  if (error != std::errc() || end != last || !(load > 0 && load <= kHighestLoad)) {
    return not_legal(value, "auto or a number above 0 and up to 100000");
  }
  options.max_load = load;
  return {};
}

Result<void> read_stagger(const Value& value, Options& options) {
  return read_as(plan::parse_duration, value, options.stagger);
}

constexpr auto kNone = FlagValue::none;
constexpr auto kOptional = FlagValue::optional;
constexpr auto kNeeded = FlagValue::needed;

constexpr std::array kFlags{
    Flag{"What runs", "jobs", "CLEAVE_JOBS", kNeeded, "N|auto",
         "run here over N shards (1 to 1024); auto: as many as CPUs may be used", read_jobs},
    Flag{"", "list", "CLEAVE_LIST", kOptional, "json", "show what would run, with tags; =json for programs", read_list},
    Flag{"", "filter", "CLEAVE_FILTER", kNeeded, "GLOB",
         "run only tests whose names match: Suite.Name in GoogleTest, the name in Catch2; * and ? as in a shell",
         read_filter},
    Flag{"", "rerun", "CLEAVE_RERUN", kNeeded, "failed", "run only what failed or did not run last time", read_rerun},
    Flag{"", "repeat", "CLEAVE_REPEAT", kNeeded, "N|until-fail:N",
         "run everything N times, or until a test fails (1 to 100000)", read_repeat},
    Flag{"", "verify", "CLEAVE_VERIFY", kNeeded, "K", "run tests that are new or changed K times (1 to 1000)",
         read_verify},
    Flag{"", "cache", "CLEAVE_CACHE", kNone, "",
         "do not run again what passed with the same binary, environment and inputs", read_cache},
    Flag{"", "seed", "CLEAVE_SEED", kNeeded, "S",
         "seed for shuffled orders, 1 to 99999, the same in all shards; what former runs took is then left out of "
         "account",
         read_seed},
    Flag{"", "replay", "CLEAVE_REPLAY", kNeeded, "FILE", "run in the order that FILE, of an earlier run, has kept",
         read_replay},
    Flag{"", "isolation", "CLEAVE_ISOLATION", kNeeded, "shard|suite|test",
         "how much one worker process runs (default shard)", read_isolation},

    Flag{"When tests fail", "timeout", "CLEAVE_TIMEOUT", kNeeded, "D",
         "limit for one test, for example 250ms, 2s, 1m (default 10m; 0: none)", read_timeout},
    Flag{"", "fail-fast", "CLEAVE_FAIL_FAST", kOptional, "k|k%",
         "stop all shards after the first red test, after k, or after k% of those selected (0: never)", read_fail_fast},
    Flag{"", "retries", "CLEAVE_RETRIES", kNeeded, "N", "run a test that failed up to N times more (0 to 100)",
         read_retries},
    Flag{"", "flaky", "CLEAVE_FLAKY", kNeeded, "pass|fail",
         "what a test that failed and then passed does to the run (default pass)", read_flaky},

    Flag{"What is shown, and where", "output", "CLEAVE_OUTPUT", kNeeded, "fail|capture|stream",
         "show output of failed tests (default), of none, or of all as it comes", read_output},
    Flag{"", "log", "CLEAVE_LOG", kNeeded, "quiet|normal|verbose",
         "only what failed; progress too (default); each test and the slowest ones too", read_log},
    Flag{"", "colour", "CLEAVE_COLOUR", kNeeded, "auto|always|never",
         "colours in what is shown (default: on a terminal, unless NO_COLOR is set)", read_colour},
    Flag{"", "heartbeat", "CLEAVE_HEARTBEAT", kNeeded, "D",
         "say what runs when no test ended for so long (default 15s; 0: never)", read_heartbeat},
    Flag{"", "events", "CLEAVE_EVENTS", kNeeded, "FILE|fd:N",
         "append what happens to FILE or an open descriptor as it happens, one line of JSON each", read_events},
    Flag{"", "dir", "CLEAVE_DIR", kNeeded, "DIR", "put cleave/<target> with reports there instead of beside the binary",
         read_dir},
    Flag{"", "stacks", "CLEAVE_STACKS", kNeeded, "auto|off|PROGRAM",
         "read the stacks of tests that crash or come to their limit (default), or not, or with PROGRAM: a "
         "cleave-stacks, eu-stack or gdb",
         read_stacks},
    Flag{"", "help", "CLEAVE_HELP", kNone, "", "show this", read_help},

    Flag{"Being a good neighbour", "max-load", "CLEAVE_MAX_LOAD", kNeeded, "L|auto",
         "start no test while the load average is above L; auto: as many as CPUs may be used", read_max_load},
    Flag{"", "stagger", "CLEAVE_STAGGER", kNeeded, "D", "let shards start so far apart, for example 100ms",
         read_stagger},
};

}  // namespace

std::span<const Flag> all_flags() noexcept { return kFlags; }

}  // namespace cleave::run
