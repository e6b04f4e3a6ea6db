#include "run/stacks.hpp"

#include <algorithm>
#include <memory>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/threads.hpp"
#include "plan/stack_text.hpp"

namespace cleave::run {
namespace {

/// gdb needs seconds for a large program on a busy machine. Only a reader that hangs ever needs so long.
constexpr std::chrono::seconds kLongest{10};
/// How often an end is looked for where the kernel has no pidfd_open.
constexpr std::chrono::milliseconds kBlindWait{10};

/// No stack is worth a download.
std::vector<std::string> reader_environment() {
  std::vector<std::string> all = os::all_environment();
  std::erase_if(all, [](const std::string& entry) { return entry.starts_with("DEBUGINFOD_URLS="); });
  return all;
}

/// One line, for "no stacks could be read: …".
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

StackReader stack_reader(const Caller& caller) {
  StackReader reader;
  const std::string& wish = caller.options.stacks;
  reader.off = wish == "off";
  if (reader.off) return reader;
  if (!wish.empty() && wish != "auto") {
    reader.program = wish;
    return reader;
  }
  if (!caller.settings.stacks.empty() && os::exists(caller.settings.stacks)) {
    reader.program = caller.settings.stacks;
    return reader;
  }
  for (const char* const name : {"cleave-stacks", "eu-stack", "gdb"}) {
    if (auto path = os::find_trusted_program(name, os::all_environment())) {
      reader.program = *path;
      return reader;
    }
  }
  reader.why = "neither cleave-stacks nor eu-stack nor gdb is in a folder of PATH that only its owner may write to";
  return reader;
}

StackTaking::StackTaking(const StackReader& reader, int pid, int thread, const std::string& scratch)
    : program_(reader.program), why_(reader.why), pid_(pid) {
  if (program_.empty()) return;
  auto output = os::open_nameless(scratch);
  auto errors = os::open_nameless(scratch);
  if (!output || !errors) {
    why_ = (output ? errors : output).error().what;
    return;
  }
  output_ = std::move(*output);
  errors_ = std::move(*errors);
  os::ProgramImage image;
  image.arguments = plan::stack_arguments(program_, pid, thread);
  image.environment = reader_environment();
  auto started = os::Program::start(image, output_, errors_);
  if (!started) {
    why_ = program_ + ": " + started.error().what;
    return;
  }
  running_.emplace(std::move(*started));
  until_ = os::monotonic_now() + kLongest;
}

StackTaking::~StackTaking() {
  if (running_) (void)running_->finish();
}

int StackTaking::poll_fd() const noexcept { return running_ ? running_->poll_fd() : -1; }

std::chrono::nanoseconds StackTaking::deadline() const noexcept {
  return poll_fd() >= 0 ? until_ : os::monotonic_now() + kBlindWait;
}

bool StackTaking::done() const noexcept {
  return !running_ || running_->wait_ended(std::chrono::nanoseconds(0)) || os::monotonic_now() >= until_;
}

std::string StackTaking::finish() {
  constexpr std::size_t kMost = 4 << 20;
  if (running_) {
    const bool ended = running_->wait_ended(std::chrono::nanoseconds(0));
    const auto status = running_->finish();
    running_.reset();
    auto printed = os::read_at(output_.get(), 0, kMost);
    std::string stacks = plan::readable_stacks(program_, printed ? *printed : std::string());
    if (!stacks.empty()) {
      if (!ended) stacks += "… and no more within " + std::to_string(kLongest.count()) + " s\n";
      return stacks;
    }
    auto said = os::read_at(errors_.get(), 0, kMost);
    why_ = program_ + ": ";
    if (!ended) {
      why_ += "took longer than " + std::to_string(kLongest.count()) + " s";
    } else if (const std::string line = said ? last_line(*said) : ""; !line.empty()) {
      why_ += line;
    } else if (status && status->signalled) {
      why_ += "killed by " + os::signal_name(status->code);
    } else {
      why_ += "printed no stack";
    }
  }
  return plan::stacks_without_frames(why_, os::threads_of(pid_));
}

std::vector<std::string> stacks_of(const StackReader& reader, const std::vector<int>& pids,
                                   const std::string& scratch) {
  std::vector<std::string> stacks(pids.size());
  if (reader.off) return stacks;
  std::vector<std::unique_ptr<StackTaking>> takings;  // All at once: they share the time.
  for (const int pid : pids)
    takings.push_back(pid > 0 ? std::make_unique<StackTaking>(reader, pid, 0, scratch) : nullptr);
  for (std::size_t i = 0; i < pids.size(); ++i) {
    if (!takings[i]) continue;
    while (!takings[i]->done()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(takings[i]->deadline() - os::monotonic_now());
      os::wait_readable({takings[i]->poll_fd()}, std::max(std::chrono::milliseconds(1), left));
    }
    stacks[i] = takings[i]->finish();
  }
  return stacks;
}

}  // namespace cleave::run
