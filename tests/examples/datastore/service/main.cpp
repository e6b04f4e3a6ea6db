// datastore_service --port=N --postgres=CONNECTION --redis=PORT --prefix=TEXT [--interval=MS] [--grace=MS] [--idle=MS]
//
// Ends with status 0 after SIGTERM, SIGINT or POST /shutdown: it refuses new connections, finishes requests in flight
// within the grace, and stores what it has buffered. A second signal ends the grace.
// Status 1: it could not start, or could not store everything. Status 2: wrong arguments.

#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>

#include "service.hpp"

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::optional<datastore::ServiceOptions> options_from(int argc, char** argv) {
  std::map<std::string, std::string> given{{"port", "0"},       {"postgres", ""},  {"redis", "0"},   {"prefix", ""},
                                           {"interval", "250"}, {"grace", "1000"}, {"idle", "30000"}};
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto equals = argument.find('=');
    const bool flag = argument.starts_with("--") && equals != std::string::npos;
    const std::string name = flag ? argument.substr(2, equals - 2) : "";
    if (given.count(name) == 0) {
      std::fprintf(stderr, "datastore_service: unknown argument '%s'\n", argv[i]);
      return std::nullopt;
    }
    given[name] = argument.substr(equals + 1);
  }
  try {
    return datastore::ServiceOptions{static_cast<std::uint16_t>(std::stoul(given["port"])),
                                     given["postgres"],
                                     static_cast<std::uint16_t>(std::stoul(given["redis"])),
                                     given["prefix"],
                                     milliseconds(std::stol(given["interval"])),
                                     milliseconds(std::stol(given["grace"])),
                                     milliseconds(std::stol(given["idle"]))};
  } catch (const std::exception&) {
    std::fprintf(stderr, "datastore_service: --port, --redis, --interval, --grace and --idle take numbers\n");
    return std::nullopt;
  }
}

/// Until no request is in flight, the grace is over, or the signal comes again.
void drain(datastore::Service& service, const sigset_t& signals) {
  const auto deadline = steady_clock::now() + service.grace();
  service.drain(steady_clock::now() + milliseconds(20));  // The answer to POST /shutdown is on its way.
  while (steady_clock::now() < deadline) {
    if (service.drain(std::min(deadline, steady_clock::now() + milliseconds(10)))) return;
    const timespec no_wait{};
    if (::sigtimedwait(&signals, nullptr, &no_wait) > 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = options_from(argc, argv);
  if (!options) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // Before any thread is made, so that only this one sees them.
  try {
    datastore::Service service(*options);
    std::printf("datastore_service: port %u\n", static_cast<unsigned>(service.port()));
    std::fflush(stdout);
    int number = 0;
    sigwait(&signals, &number);
    service.begin_shutdown();
    drain(service, signals);
    service.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "datastore_service: %s\n", error.what());
    return 1;
  }
  return 0;
}
