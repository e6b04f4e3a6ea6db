#include "run/queue.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace cleave::run {
namespace {

constexpr std::uint64_t kMagic = 0x65756575'65766C63ULL;  // "clveueue"
constexpr std::uint32_t kVersion = 1;

/// The start of the file; behind it PartState[parts], GroupState[groups], holders[items], running[lanes].
struct Header {
  std::uint64_t magic;
  std::uint64_t plan_checksum;
  std::uint32_t version;
  std::uint32_t parts;
  std::uint32_t groups;
  std::uint32_t items;
  std::uint32_t lanes;
  std::uint32_t stopped;
  char stop_reason[256];
};
static_assert(sizeof(Header) == 296 && alignof(Header) == 8, "a change of the layout needs a new kVersion");
static_assert(sizeof(plan::PartState) == 16 && sizeof(plan::GroupState) == 16,
              "a change of the layout needs a new kVersion");
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

struct Layout {
  Header* header;
  std::span<plan::PartState> parts;
  std::span<plan::GroupState> groups;
  std::span<std::uint32_t> holders;
  std::span<std::uint32_t> running;
};

std::size_t size_for(std::size_t parts, std::size_t groups, std::size_t items, std::size_t lanes) {
  return sizeof(Header) + parts * sizeof(plan::PartState) + groups * sizeof(plan::GroupState) + 4 * items + 4 * lanes;
}

Layout layout_of(void* data) {
  auto* const header = static_cast<Header*>(data);
  auto* const parts = reinterpret_cast<plan::PartState*>(header + 1);
  auto* const groups = reinterpret_cast<plan::GroupState*>(parts + header->parts);
  auto* const holders = reinterpret_cast<std::uint32_t*>(groups + header->groups);
  return Layout{header,
                {parts, header->parts},
                {groups, header->groups},
                {holders, header->items},
                {holders + header->items, header->lanes}};
}

void initialise(void* data, const plan::Plan& plan, std::uint32_t lanes) {
  auto* const header = static_cast<Header*>(data);
  header->version = kVersion;
  header->plan_checksum = plan.checksum;
  header->parts = static_cast<std::uint32_t>(plan.parts.size());
  header->groups = static_cast<std::uint32_t>(plan.groups.size());
  header->items = static_cast<std::uint32_t>(plan.items.size());
  header->lanes = lanes;
  header->stopped = 0;
  const Layout layout = layout_of(data);
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    const plan::Part& part = plan.parts[i];
    layout.parts[i] = plan::PartState{part.begin, part.end, part.begin, plan.items_of(part)};
  }
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    const plan::Group& group = plan.groups[i];
    layout.groups[i] = plan::GroupState{group.begin, group.end, group.begin, plan::kNobody};
  }
  std::fill(layout.holders.begin(), layout.holders.end(), plan::kNobody);
  std::fill(layout.running.begin(), layout.running.end(), 0U);
  header->magic = kMagic;  // Last: a file without it was never finished and is made again.
}

}  // namespace

Result<Queue> Queue::open(const std::string& path, const plan::Plan& plan, std::uint32_t lanes) {
  auto fd = os::open_shared_file(path);
  if (!fd) return fd.error();
  Queue queue;
  queue.fd_ = std::move(*fd);
  const os::FdLock lock(queue.fd_.get());
  auto mapping =
      os::Mapping::map(queue.fd_.get(), size_for(plan.parts.size(), plan.groups.size(), plan.items.size(), lanes));
  if (!mapping) return Error{Errc::broken, "queue " + path + ": " + mapping.error().what, mapping.error().sys_errno};
  queue.mapping_ = std::move(*mapping);
  auto* const header = static_cast<Header*>(queue.mapping_.data());
  if (header->magic != kMagic) {
    initialise(queue.mapping_.data(), plan, lanes);
  } else if (header->version != kVersion || header->plan_checksum != plan.checksum || header->lanes != lanes ||
             header->items != plan.items.size() || header->groups != plan.groups.size() ||
             header->parts != plan.parts.size()) {
    return Error{Errc::broken,
                 "queue " + path + ": was made for another list of tests: the binary changed during the run", 0};
  }
  return queue;
}

Result<report::QueueSnapshot> Queue::snapshot(const std::string& path) {
  auto bytes = os::read_file(path);
  if (!bytes) return bytes.error();
  Header header{};
  if (bytes->size() >= sizeof header) std::memcpy(&header, bytes->data(), sizeof header);
  if (header.magic != kMagic || header.version != kVersion ||
      bytes->size() < size_for(header.parts, header.groups, header.items, header.lanes)) {
    return Error{Errc::corrupt, "queue " + path + ": is not a queue of this version", 0};
  }
  const Layout layout = layout_of(bytes->data());
  return report::QueueSnapshot{{layout.holders.begin(), layout.holders.end()},
                               {layout.running.begin(), layout.running.end()}};
}

plan::Claim Queue::claim(std::uint32_t part, const plan::ClaimRequest& request, const plan::NeedsLocks& needs,
                         const plan::TakeLocks& take) {
  const Layout layout = layout_of(mapping_.data());
  const os::FdLock lock(fd_.get());
  if (layout.header->stopped != 0) return {};
  return plan::claim(plan::QueueView{layout.parts[part], layout.groups, layout.holders}, request, needs, take);
}

std::uint32_t Queue::free_items(std::uint32_t part) const { return layout_of(mapping_.data()).parts[part].free; }

void Queue::stop(const std::string& why) {
  const Layout layout = layout_of(mapping_.data());
  const os::FdLock lock(fd_.get());
  if (layout.header->stopped != 0) return;
  std::strncpy(layout.header->stop_reason, why.c_str(), sizeof layout.header->stop_reason - 1);
  layout.header->stopped = 1;
}

std::string Queue::stopped() const {
  const Header* const header = static_cast<const Header*>(mapping_.data());
  return header->stopped == 0 ? std::string() : std::string(header->stop_reason);
}

std::atomic<std::uint32_t>* Queue::running_slot(std::uint32_t lane) {
  return reinterpret_cast<std::atomic<std::uint32_t>*>(&layout_of(mapping_.data()).running[lane]);
}

}  // namespace cleave::run
