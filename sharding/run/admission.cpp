#include "run/admission.hpp"

#include <utility>

#include "os/load.hpp"
#include "os/machine.hpp"
#include "run/failure.hpp"

namespace cleave::run {
namespace {

/// How often the load is read while workers wait to start.
constexpr std::chrono::milliseconds kLoadPause{100};
constexpr std::uint32_t kMostSlots = 1024;

}  // namespace

Admission::Admission(const Caller& caller, const RunContext& context)
    : max_load_(caller.options.max_load), apart_(policy_of(caller).stagger) {
  if (apart_.count() > 0) {
    auto cell = os::StartCell::open(context.shared + "/newest-start");
    if (cell) {
      cell_ = std::move(*cell);
    } else {
      warn("workers start without a distance: " + cell.error().what);
    }
  }
  // CTest takes no tokens for the entries that it starts, so that they have none to begin with.
  if (!context.by_entries) find_slots(context);
}

void Admission::find_slots(const RunContext& context) {
  path_ = os::environment("CLEAVE_JOB_SLOTS").value_or("");
  auto slots = path_.empty() ? os::JobServer::from_environment()
                             : os::JobServer::from_make_flags("--jobserver-auth=fifo:" + path_);
  if (!slots) {
    warn(slots.error().what);
    path_.clear();
    return;
  }
  slots_ = std::move(*slots);
  if (slots_ && context.lanes > 1) {
    if (auto guarded = slots_->tokens().give_back_when_killed(); !guarded) warn(guarded.error().what);
  }
  if (slots_ || context.lanes < 2 || context.lanes > kMostSlots) return;
  const std::string path = context.shared + "/job-slots";
  auto made = os::JobServer::make(context.lanes, path);
  if (!made) {
    warn("runs that tests start do not share the slots of this one: " + made.error().what);
    return;
  }
  slots_ = std::move(*made);
  path_ = path;
}

bool Admission::load_allows(std::chrono::nanoseconds now) {
  if (max_load_ <= 0) return true;
  if (now >= next_look_) {
    next_look_ = now + kLoadPause;
    if (const auto reading = os::load_average()) meter_.observe(*reading, now);
  }
  return gate_.may_start(meter_.load(now), max_load_, running_);
}

bool Admission::try_start(std::chrono::nanoseconds now) {
  if (!load_allows(now)) return false;
  if (slots_ && !slots_->try_acquire()) return false;
  if (cell_ && cell_->try_start(apart_, now).count() > 0) {
    if (slots_) slots_->release();
    return false;
  }
  ++running_;
  if (max_load_ > 0) meter_.started(now);
  return true;
}

void Admission::not_started() { ended(); }

void Admission::ended() {
  --running_;
  if (slots_) slots_->release();
}

}  // namespace cleave::run
