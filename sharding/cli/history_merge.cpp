#include "cli/history_merge.hpp"

#include <optional>
#include <utility>

#include "os/file.hpp"
#include "plan/history.hpp"

namespace cleave::cli {
namespace {

Result<plan::History> read_history(const std::string& path) {
  const auto bytes = os::read_users_file(path);
  if (!bytes) return Error{Errc::usage, "read history: " + bytes.error().what, bytes.error().sys_errno};
  auto history = plan::decode_history(*bytes, path);
  if (!history) return Error{Errc::usage, history.error().what, 0};
  return history;
}

std::string count_text(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Result<std::string> run_history_merge(const HistoryMergeRequest& request) {
  // The lock of run/history_store; a file that no run records to needs none, and gets none beside it.
  std::optional<os::FileLock> lock;
  if (const std::string lock_file = request.out + ".lock"; os::exists(lock_file)) {
    auto held = os::FileLock::acquire(lock_file);
    if (!held) return Error{held.error().kind, "write history: " + held.error().what, held.error().sys_errno};
    lock = std::move(*held);
  }
  plan::History all;
  for (const std::string& path : request.in) {
    const auto history = read_history(path);
    if (!history) return history.error();
    all = plan::merge(std::move(all), *history);
  }
  if (auto written = os::write_users_file(request.out, plan::encode_history(all)); !written)
    return Error{Errc::usage, "write history: " + written.error().what, written.error().sys_errno};
  return request.out + ": " + count_text(all.tests.size(), "test", "tests") + " of " +
         count_text(request.in.size(), "history", "histories") + "\n";
}

}  // namespace cleave::cli
