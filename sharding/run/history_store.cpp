#include "run/history_store.hpp"

#include "os/machine.hpp"
#include "plan/history_stream.hpp"
#include "report/observations.hpp"

namespace cleave::run {
namespace {

constexpr std::chrono::milliseconds kPause{1};

std::string taken_file(const std::string& run_directory) { return run_directory + "/history-taken"; }

report::Taken taken_of(const std::string& run_directory) {
  const auto bytes = os::read_file(taken_file(run_directory));
  return bytes ? report::decode_taken(*bytes) : report::Taken{};
}

constexpr const char* kGoesOn = "; the run goes on without a history";

}  // namespace

Result<os::FileLock> HistoryStore::lock() const {
  const std::string path = path_ + ".lock";
  if (auto made = os::make_directories(os::directory_of(path)); !made) return made.error();
  const auto give_up = os::monotonic_now() + patience_;
  while (true) {
    auto lock = os::FileLock::try_acquire(path, false);
    if (!lock || lock->held()) return lock;
    if (os::monotonic_now() >= give_up) {
      return Error{Errc::system,
                   "lock " + path + ": another process has held it for " + std::to_string(patience_.count()) + " ms",
                   0};
    }
    os::sleep_for(kPause);
  }
}

LoadedHistory HistoryStore::load() const {
  if (!os::exists(path_)) return {};
  if (auto bytes = os::read_file(path_)) {
    if (auto history = plan::decode_history(*bytes, path_)) return {std::move(*history), {}};
  }
  // Another process may have put it right meanwhile: only under the lock is it known to be bad.
  auto lock = this->lock();
  auto loaded = lock ? load_locked() : Result<LoadedHistory>(lock.error());
  if (!loaded) return {{}, loaded.error().what + kGoesOn};
  return std::move(*loaded);
}

Result<LoadedHistory> HistoryStore::load_locked() const {
  if (!os::exists(path_)) return LoadedHistory{};
  auto bytes = os::read_file(path_);
  if (!bytes) return bytes.error();
  auto history = plan::decode_history(*bytes, path_);
  if (history) return LoadedHistory{std::move(*history), {}};
  const std::string aside = path_ + ".bad";
  if (auto kept = os::write_private_file(aside, *bytes); !kept) return kept.error();
  os::remove_tree(path_);
  return LoadedHistory{{}, history.error().what + kGoesOn + "; the file is kept as " + aside};
}

LoadedCosts HistoryStore::load_costs(const plan::TestList& list) const {
  if (auto text = os::read_file(path_)) {
    if (auto costs = plan::costs_of_text(list, *text)) return {std::move(*costs), {}};
  }
  LoadedHistory loaded = load();
  return {plan::costs_of(list, loaded.history), std::move(loaded.warning)};
}

Result<std::string> HistoryStore::record(const report::RunReport& report, const std::string& run_directory,
                                         plan::Day today) const {
  auto lock = this->lock();
  if (!lock) return lock.error();
  report::Taken taken = taken_of(run_directory);
  const plan::Observations seen = report::observations_of(report, taken);
  if (seen.tests.empty() && seen.costs.empty()) return std::string();
  os::remove_torn_writes(path_);
  const bool any = os::exists(path_);
  const auto text = any ? os::read_file(path_) : std::string();
  const bool foreign = any && text && text->empty();
  const auto updated = text && !foreign ? plan::updated_text(*text, report.list, seen, today) : std::nullopt;
  std::string warning;
  if (updated) {
    if (auto kept = os::write_private_file(path_, *updated); !kept) return kept.error();
  } else {
    auto told = record_anew(report, seen, today);
    if (!told) return told;
    warning = std::move(*told);
  }
  if (auto noted = os::write_private_file(taken_file(run_directory), report::encode_taken(taken)); !noted)
    return noted.error();
  return warning;
}

Result<std::string> HistoryStore::record_anew(const report::RunReport& report, const plan::Observations& seen,
                                              plan::Day today) const {
  auto loaded = load_locked();
  if (!loaded) return loaded.error();
  plan::update(loaded->history, report.list, seen, today);
  plan::prune(loaded->history, report.list, today);
  if (auto kept = os::write_private_file(path_, plan::encode_history(loaded->history)); !kept) return kept.error();
  return std::move(loaded->warning);
}

void forget_taken(const std::string& run_directory) { os::remove_tree(taken_file(run_directory)); }

}  // namespace cleave::run
