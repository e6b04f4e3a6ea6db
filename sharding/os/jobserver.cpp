#include "os/jobserver.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.hpp"
#include "os/machine.hpp"

namespace cleave::os {
namespace {

constexpr const char* kVariable = "MAKEFLAGS";
constexpr const char* kWithout = "; running without it";

Error unusable(const std::string& where, const std::string& cause) {
  return Error{Errc::system, "use make's job server: " + where + ": " + cause + kWithout, 0};
}

Result<Fd> open_end(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return system_error("open " + path, errno);
  return moved_up(Fd(fd));
}

/// What is wrong with the two descriptors; empty when they are the ends of one pipe. Where make closed its own, these
/// numbers may be of anything that was opened since.
std::string fault_of(const plan::JobServerAddress& address) {
  struct stat reading {};
  struct stat writing {};
  if (::fstat(address.read_fd, &reading) != 0 || ::fstat(address.write_fd, &writing) != 0) return "not open";
  const bool one_pipe = S_ISFIFO(reading.st_mode) && S_ISFIFO(writing.st_mode) && reading.st_dev == writing.st_dev &&
                        reading.st_ino == writing.st_ino;
  if (!one_pipe) return "not the two ends of a pipe";
  const int read_mode = ::fcntl(address.read_fd, F_GETFL) & O_ACCMODE;
  const int write_mode = ::fcntl(address.write_fd, F_GETFL) & O_ACCMODE;
  if (read_mode == O_WRONLY || write_mode == O_RDONLY) return "not one to read from and one to write to";
  return "";
}

}  // namespace

Result<std::optional<JobServer>> JobServer::from_environment() {
  const auto text = environment(kVariable);
  if (!text) return std::optional<JobServer>();
  return from_make_flags(*text);
}

Result<std::optional<JobServer>> JobServer::from_make_flags(std::string_view text) {
  auto flags = plan::parse_make_flags(text);
  if (!flags) return Error{flags.error().kind, flags.error().what + kWithout, 0};
  if (!flags->server) return std::optional<JobServer>();
  auto server = flags->server->fifo.empty() ? open_pipe(*flags->server) : open_fifo(flags->server->fifo);
  if (!server) return server.error();
  return std::optional<JobServer>(std::move(*server));
}

/// The descriptors are inherited, and the open files behind them are make's and all its children's: O_NONBLOCK set here
/// would be set for them too, and old makes then stop with EAGAIN; a read without it would wait whenever somebody is
/// faster between poll() and read(). So the pipe is opened anew, through /proc, for files of our own.
Result<JobServer> JobServer::open_pipe(const plan::JobServerAddress& address) {
  const std::string where =
      "descriptors " + std::to_string(address.read_fd) + "," + std::to_string(address.write_fd) + " of MAKEFLAGS";
  if (const std::string fault = fault_of(address); !fault.empty()) {
    return unusable(where, fault + ": put '+' in front of the recipe's line");
  }
  auto read_end = open_end("/proc/self/fd/" + std::to_string(address.read_fd), O_RDONLY | O_NONBLOCK);
  if (!read_end) return unusable(where, read_end.error().what);
  auto write_end = open_end("/proc/self/fd/" + std::to_string(address.write_fd), O_WRONLY | O_NONBLOCK);
  if (!write_end) return unusable(where, write_end.error().what);
  return JobServer(std::make_unique<State>(std::move(*read_end), std::move(*write_end)));
}

Result<JobServer> JobServer::open_fifo(const std::string& path) {
  const std::string where = "fifo:" + path + " of MAKEFLAGS";
  auto read_end = open_end(path, O_RDONLY | O_NONBLOCK);
  if (!read_end) return unusable(where, read_end.error().what);
  struct stat status {};
  if (::fstat(read_end->get(), &status) != 0 || !S_ISFIFO(status.st_mode)) return unusable(where, "not a FIFO");
  auto write_end = open_end(path, O_WRONLY | O_NONBLOCK);
  if (!write_end) return unusable(where, write_end.error().what);
  return JobServer(std::make_unique<State>(std::move(*read_end), std::move(*write_end)));
}

Result<JobServer> JobServer::make(std::uint32_t slots, const std::string& fifo_path) {
  if (slots < 1 || slots > JobTokens::kMost) {
    return Error{Errc::usage, "make a job server: " + std::to_string(slots) + " slots: not 1 to 1024", 0};
  }
  const std::string path = absolute_path(fifo_path);
  auto read_end = make_fifo(path);
  if (!read_end) return read_end.error();
  auto write_end = open_end(path, O_WRONLY | O_NONBLOCK);
  auto child_read_end = open_end(path, O_RDONLY);
  auto child_write_end = open_end(path, O_WRONLY);
  for (const auto* end : {&write_end, &child_read_end, &child_write_end}) {
    if (*end) continue;
    ::unlink(path.c_str());
    return end->error();
  }
  auto state = std::make_unique<State>(std::move(*read_end), std::move(*write_end));
  state->tokens.owns_fifo(path);
  state->slots = slots;
  state->fifo = path;
  state->child_read_end = std::move(*child_read_end);
  state->child_write_end = std::move(*child_write_end);
  if (!state->tokens.add(slots - 1)) return system_error("make a job server: write tokens to " + path, errno);
  return JobServer(std::move(state));
}

bool JobServer::try_acquire() noexcept {
  if (!state_->tokens.belongs_to_this_process()) return false;
  if (state_->first_used) return state_->tokens.take();
  state_->first_used = true;
  return true;
}

void JobServer::release() noexcept {
  CLEAVE_ASSERT(acquired() > 0);
  if (state_->tokens.held() > 0) {
    state_->tokens.give_back();
  } else {
    state_->first_used = false;
  }
}

std::uint32_t JobServer::acquired() const noexcept { return state_->tokens.held() + (state_->first_used ? 1 : 0); }

int JobServer::wait_fd() const noexcept { return state_->tokens.read_fd(); }

std::string JobServer::make_flags(std::string_view previous, Style style) const {
  if (state_->slots == 0) return std::string(previous);
  plan::JobServerAddress address;
  if (style == Style::fifo) {
    address.fifo = state_->fifo;
  } else {
    address.read_fd = state_->child_read_end.get();
    address.write_fd = state_->child_write_end.get();
  }
  return plan::make_flags_with(previous, address, state_->slots);
}

std::vector<int> JobServer::descriptors() const {
  if (state_->slots == 0) return {};
  return {state_->child_read_end.get(), state_->child_write_end.get()};
}

void JobServer::refill() noexcept {
  if (state_->slots == 0 || !state_->tokens.belongs_to_this_process()) return;
  const std::uint32_t there = state_->tokens.held() + state_->tokens.unclaimed();
  if (there + 1 < state_->slots) state_->tokens.add(state_->slots - 1 - there);
}

}  // namespace cleave::os
