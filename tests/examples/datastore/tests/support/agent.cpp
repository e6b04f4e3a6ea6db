#include "agent.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace datastore {

Agent::Agent(std::vector<std::string> command, std::uint16_t service_port)
    : command_(std::move(command)),
      service_port_(service_port),
      server_(0, [this](const Request& request) { return answer(request); }) {
  const std::lock_guard lock(mutex_);
  start();
}

/// With the mutex held.
void Agent::start() {
  service_.emplace(cleave::Service::Options(command_)
                       .ready(cleave::http_health(service_port_, "/health"), std::chrono::seconds(20))
                       .stop_within(std::chrono::seconds(5)));
  ++starts_;
}

void Agent::stop() {
  const std::lock_guard lock(mutex_);
  service_->stop();
}

Response Agent::answer(const Request& request) {
  const std::string what = request.method + " " + request.path;
  if (what == "GET /exit") return wait_for_exit(request.span("wait", std::chrono::seconds(10)));
  const std::lock_guard lock(mutex_);
  if (what == "GET /state") return state();
  if (what == "POST /signal") {
    service_->signal(static_cast<int>(request.number("number", 1, 64).value_or(15)));
    return state();
  }
  if (what == "POST /start") {  // Nothing happens when it runs.
    if (!service_->running()) start();
    return state();
  }
  throw HttpError(404, what + " is not served");
}

/// With the mutex held.
Response Agent::state() {
  return {200, {{"running", service_->running()}, {"pid", service_->pid()}, {"starts", starts_}}};
}

Response Agent::wait_for_exit(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    {
      const std::lock_guard lock(mutex_);
      if (!service_->running()) {
        const cleave::ProgramEnd ended = service_->stop();  // Only tells how it ended.
        return {200, {{"code", ended.code}, {"signal", ended.signal}, {"log", service_->log_tail()}}};
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw HttpError(408, "the service still runs");
}

}  // namespace datastore
