#include "run/queue.hpp"

#include <cstring>
#include <span>

namespace cleave::run {
namespace {

constexpr std::uint64_t kMagic = 0x65756575'65766C63ULL;  // "clveueue"
constexpr std::uint32_t kVersion = 5;

/// Who works on a lane: the key of a process (its pid and start time), or an empty string. And what it runs, for those
/// who look on: the item plus 1, or 0, and since when.
struct LaneOwner {
  char key[48];
  std::int64_t since;
  std::uint64_t item;
};

/// The start of the file; behind it LaneOwner[lanes] and the board, and on pages of their own the marks.
struct Header {
  std::uint64_t magic;
  std::uint64_t plan_checksum;
  std::uint32_t version;
  std::uint32_t lanes;
  std::uint32_t stopped;
  std::uint32_t retries_refused;
  char stop_reason[256];
};
static_assert(sizeof(Header) == 288 && alignof(Header) == 8 && sizeof(LaneOwner) == 64,
              "a change of the layout needs a new kVersion");
static_assert(sizeof(plan::BoardHeader) == 48 && sizeof(plan::PartState) == 8 && sizeof(plan::GroupState) == 8 &&
                  sizeof(plan::BarrierState) == 16 && sizeof(plan::LaneState) == 16,
              "a change of the layout needs a new kVersion");
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);
static_assert(std::atomic<std::uint8_t>::is_always_lock_free && sizeof(std::atomic<std::uint8_t>) == 1);

Header* header_of(const os::Mapping& mapping) { return static_cast<Header*>(mapping.data()); }

std::span<LaneOwner> owners_of(const os::Mapping& mapping) {
  Header* const header = header_of(mapping);
  return {reinterpret_cast<LaneOwner*>(header + 1), header->lanes};
}

void* board_of(void* file, std::uint32_t lanes) {
  return static_cast<char*>(file) + sizeof(Header) + lanes * sizeof(LaneOwner);
}

std::size_t bytes_of(const plan::BoardHeader& board) {
  return sizeof board + std::size_t{board.barriers} * sizeof(plan::BarrierState) +
         std::size_t{board.lanes} * sizeof(plan::LaneState) + std::size_t{board.parts} * sizeof(plan::PartState) +
         std::size_t{board.groups} * (sizeof(plan::GroupState) + 4) + std::size_t{board.items} * 5;
}

std::size_t begin_of_marks(std::size_t before) { return (before + os::Mapping::kPage - 1) & ~(os::Mapping::kPage - 1); }

}  // namespace

Result<Queue> Queue::open(const std::string& path, const plan::Plan& plan, const plan::BoardOptions& options) {
  auto fd = os::open_shared_file(path);
  if (!fd) return fd.error();
  Queue queue;
  queue.fd_ = std::move(*fd);
  queue.plan_ = &plan;
  const os::FdLock lock(queue.fd_.get());
  const std::size_t size =
      sizeof(Header) + options.lanes * sizeof(LaneOwner) + plan::Board::size_for(plan, options.lanes);
  const auto map = [&](os::Mapping& into, std::size_t bytes, std::size_t offset) -> Result<void> {
    auto mapping = os::Mapping::map(queue.fd_.get(), bytes, offset);
    if (!mapping) return Error{Errc::broken, "queue " + path + ": " + mapping.error().what, mapping.error().sys_errno};
    into = std::move(*mapping);
    return {};
  };
  if (auto mapped = map(queue.mapping_, size, 0); !mapped) return mapped.error();
  queue.mapping_.keep_from_forks();
  auto mapped = map(queue.marks_, options.lanes * std::size_t{4} + plan.items.size(), begin_of_marks(size));
  if (!mapped) return mapped.error();
  Header* const header = header_of(queue.mapping_);
  if (header->magic != kMagic) {
    header->version = kVersion;
    header->plan_checksum = plan.checksum;
    header->lanes = options.lanes;
    plan::Board::make(board_of(header, options.lanes), plan, options);
    header->magic = kMagic;  // Last: a file without it was never finished and is made again.
  } else if (header->version != kVersion || header->plan_checksum != plan.checksum || header->lanes != options.lanes) {
    return Error{Errc::broken,
                 "queue " + path + ": was made for another list of tests: the binary changed during the run", 0};
  } else if (header->stop_reason[sizeof header->stop_reason - 1] != '\0' ||
             !plan::Board::is_sound(board_of(header, options.lanes), plan, options.lanes)) {
    return Error{Errc::broken, "queue " + path + ": what stands in it cannot be true: something else wrote to it", 0};
  }
  return queue;
}

Result<report::QueueSnapshot> Queue::snapshot(const std::string& path) {
  auto bytes = os::read_file(path);
  if (!bytes) return bytes.error();
  const Error corrupt{Errc::corrupt, "queue " + path + ": is not a queue of this version", 0};
  Header header{};
  if (bytes->size() < sizeof header) return corrupt;
  std::memcpy(&header, bytes->data(), sizeof header);
  const std::size_t before = sizeof header + header.lanes * sizeof(LaneOwner);
  plan::BoardHeader board{};
  if (header.magic != kMagic || header.version != kVersion || bytes->size() < before + sizeof board) return corrupt;
  std::memcpy(&board, bytes->data() + before, sizeof board);
  const std::size_t end = before + bytes_of(board);
  const std::size_t marks = begin_of_marks(end);
  if (bytes->size() < marks + board.lanes * std::size_t{4} + board.items) return corrupt;
  report::QueueSnapshot snapshot;
  snapshot.holders.resize(board.items);
  snapshot.running.resize(board.lanes);
  snapshot.begun.resize(board.items);
  snapshot.red = board.red;
  snapshot.retries_ran_out = header.retries_refused != 0;
  // Any of them may be empty, and memcpy() must not be given the null pointer of an empty vector.
  bytes->copy(reinterpret_cast<char*>(snapshot.holders.data()), board.items * std::size_t{4},
              end - board.items * std::size_t{5});
  bytes->copy(reinterpret_cast<char*>(snapshot.running.data()), board.lanes * std::size_t{4}, marks);
  bytes->copy(reinterpret_cast<char*>(snapshot.begun.data()), board.items, marks + board.lanes * std::size_t{4});
  for (std::uint32_t lane = 0; lane < header.lanes; ++lane) {
    LaneOwner owner{};
    std::memcpy(&owner, bytes->data() + sizeof header + lane * sizeof owner, sizeof owner);
    if (owner.item > 0 && owner.item <= board.items)
      snapshot.now[lane] = {static_cast<std::uint32_t>(owner.item - 1), report::UnixTime(owner.since)};
  }
  return snapshot;
}

plan::Board Queue::board() const { return plan::Board(board_of(mapping_.data(), header_of(mapping_)->lanes), *plan_); }

void Queue::enter(std::uint32_t lane) {
  const os::FdLock lock(fd_.get());
  LaneOwner& owner = owners_of(mapping_)[lane];
  std::strncpy(owner.key, os::ProcessKey::of(os::current_pid()).text().c_str(), sizeof owner.key - 1);
}

void Queue::show(std::uint32_t lane, std::int64_t item, report::UnixTime since) {
  LaneOwner& owner = owners_of(mapping_)[lane];
  // Who reads it in between sees nothing running.
  const std::atomic_ref<std::uint64_t> shown(owner.item);
  shown.store(0, std::memory_order_release);
  std::atomic_ref<std::int64_t>(owner.since).store(since.count(), std::memory_order_relaxed);
  if (item >= 0) shown.store(static_cast<std::uint64_t>(item) + 1, std::memory_order_release);
}

void Queue::leave(std::uint32_t lane) {
  const os::FdLock lock(fd_.get());
  tell_ends();
  board().lose(lane);
  owners_of(mapping_)[lane] = LaneOwner{};
}

void Queue::lose_dead_lanes() {
  const auto owners = owners_of(mapping_);
  for (std::uint32_t lane = 0; lane < owners.size(); ++lane) {
    if (owners[lane].key[0] == '\0' || os::is_alive(owners[lane].key)) continue;
    board().lose(lane);
    owners[lane] = LaneOwner{};
  }
}

plan::Claim Queue::claim(const plan::ClaimRequest& request, const plan::NeedsLocks& needs,
                         const plan::TakeLocks& take) {
  const os::FdLock lock(fd_.get());
  tell_ends();
  if (header_of(mapping_)->stopped != 0) return {};
  plan::Claim claimed = plan::claim(board(), request, needs, take);
  // Whoever waits may wait for one who is gone.
  if (claimed.items.empty() && claimed.more) lose_dead_lanes();
  return claimed;
}

bool Queue::claim_again(const plan::ClaimRequest& request, std::uint32_t item, bool alone,
                        const plan::NeedsLocks& needs, const plan::TakeLocks& take) {
  const os::FdLock lock(fd_.get());
  tell_ends();
  if (plan::claim_again(board(), request, item, alone, needs, take)) return true;
  lose_dead_lanes();
  return false;
}

void Queue::finish(std::uint32_t item, plan::ItemEnd end) {
  untold_.emplace_back(item, end);
  if (end == plan::ItemEnd::green && plan_->groups[plan_->group_of(item)].gate == 0) return;
  const os::FdLock lock(fd_.get());
  tell_ends();
  const plan::BoardHeader& header = board().header();
  if (header.red_limit == 0 || header.red < header.red_limit || end != plan::ItemEnd::red) return;
  stop_locked("stopped after " + std::to_string(header.red) + (header.red == 1 ? " failed test" : " failed tests") +
              " (fail-fast)");
}

void Queue::tell_ends() {
  const plan::Board it = board();
  for (const auto& [item, end] : untold_) it.finish(item, end);
  untold_.clear();
}

void Queue::rest(std::uint32_t lane) {
  const os::FdLock lock(fd_.get());
  board().rest(lane);
}

bool Queue::others_work(std::uint32_t lane) const {
  const os::FdLock lock(fd_.get());
  const auto lanes = board().lanes();
  for (std::uint32_t other = 0; other < lanes.size(); ++other) {
    if (other != lane && lanes[other].weight > 0) return true;
  }
  return false;
}

bool Queue::spend_retry() {
  const os::FdLock lock(fd_.get());
  std::uint32_t& left = board().header().retries_left;
  if (left == 0) {
    header_of(mapping_)->retries_refused = 1;
    return false;
  }
  --left;
  return true;
}

std::uint32_t Queue::free_items(std::uint32_t part) const { return board().part(part).free; }

std::uint32_t Queue::open_items() const {
  const os::FdLock lock(fd_.get());
  const plan::Board it = board();
  std::uint32_t open = 0;
  for (std::uint32_t i = 0; i < it.header().parts; ++i) open += it.part(i).free + it.part(i).running;
  return open;
}

void Queue::reopen(const std::vector<std::uint32_t>& items, std::uint32_t lane) {
  const BeginMarks marks = marks_of(lane);
  marks.end();
  for (const std::uint32_t item : items) marks.begun[item].store(0, std::memory_order_relaxed);
  if (plan_->gates.size() <= 1) return;
  const os::FdLock lock(fd_.get());
  tell_ends();
  lose_dead_lanes();
  board().reopen(items, lane);
}

Queue::Turn Queue::turn_of(std::uint32_t item, std::uint32_t lane) {
  const std::uint32_t group = plan_->group_of(item);
  if (plan_->groups[group].gate == 0) return {};
  const os::FdLock lock(fd_.get());
  tell_ends();
  lose_dead_lanes();
  const plan::Board it = board();
  std::uint32_t barrier = 0;
  const auto gate = it.gate_of(group, barrier);
  if (gate == plan::Board::GateState::open) return {};
  if (gate == plan::Board::GateState::doomed) return {false, plan::why_doomed(*plan_, it, barrier)};
  // Closed by what somebody has in hand or this lane can run, or by what nobody will run now.
  for (std::uint32_t other = 0; other < it.holders().size(); ++other) {
    if (it.holders()[other] == plan::kNobody || it.ends()[other] != plan::ItemEnd::open) continue;
    std::uint32_t unused = 0;
    const bool mine = it.holders()[other] == lane + 1;
    if (!mine || it.gate_of(plan_->group_of(other), unused) == plan::Board::GateState::open) return {true, ""};
  }
  return {false, "it comes after " + plan_->barriers[barrier].name + ", which was not reached"};
}

std::string Queue::why_doomed(std::uint32_t barrier) const {
  const os::FdLock lock(fd_.get());
  return plan::why_doomed(*plan_, board(), barrier);
}

void Queue::stop(const std::string& why) {
  const os::FdLock lock(fd_.get());
  stop_locked(why);
}

void Queue::stop_locked(const std::string& why) {
  Header* const header = header_of(mapping_);
  if (header->stopped != 0) return;
  std::strncpy(header->stop_reason, why.c_str(), sizeof header->stop_reason - 1);
  header->stopped = 1;
}

std::string Queue::stopped() const {
  const Header* const header = header_of(mapping_);
  return header->stopped == 0 ? std::string() : std::string(header->stop_reason);
}

BeginMarks Queue::marks_of(std::uint32_t lane) {
  const std::size_t lanes = header_of(mapping_)->lanes * std::size_t{4};
  const std::size_t begin = begin_of_marks(mapping_.size());
  auto* const running = static_cast<std::atomic<std::uint32_t>*>(marks_.data()) + lane;
  auto* const begun = static_cast<std::atomic<std::uint8_t>*>(marks_.data()) + lanes;
  return {running, begun, fd_.get(), begin + lane * std::size_t{4}, begin + lanes, board().header().items};
}

}  // namespace cleave::run
