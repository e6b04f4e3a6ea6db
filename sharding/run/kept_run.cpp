#include "run/kept_run.hpp"

#include "os/process.hpp"
#include "plan/codec.hpp"
#include "plan/plan_codec.hpp"
#include "run/fixture_files.hpp"
#include "run/journal.hpp"
#include "run/queue.hpp"
#include "run/run_store.hpp"
#include "run/start_mark.hpp"

namespace cleave::run {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr const char* kFile = "plan.bin";

}  // namespace

Result<void> keep_plan(const RunContext& context) {
  plan::Writer out;
  out.number(kVersion);
  out.text(context.frame.run_id);
  out.flag(context.frame.flaky_is_red);
  out.number(static_cast<std::uint32_t>(context.quarantine.size()));
  for (const std::string& why : context.quarantine) out.text(why);
  out.text(plan::encode_plan(context.plan));
  return os::write_private_file(context.file(kFile), out.bytes());
}

Result<RunContext> load_kept_run(const std::string& directory) {
  auto context = RunStore::read(directory);
  if (!context) return context;
  const std::string file = context->file(kFile);
  const auto broken = [&](const std::string& why) { return Error{Errc::broken, file + ": " + why, 0}; };
  const auto bytes = os::read_file(file);
  if (!bytes) return Error{Errc::broken, bytes.error().what, bytes.error().sys_errno};
  plan::Reader in(*bytes);
  if (in.number<std::uint32_t>() != kVersion) return broken("was written by another version of Cleave");
  if (in.text() != context->frame.run_id) return broken("belongs to another run");
  context->frame.flaky_is_red = in.flag();
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) context->quarantine.push_back(in.text());
  const std::string encoded = in.text();
  if (!in.ok() || !in.at_end()) return broken("is not whole");
  auto plan = plan::decode_plan(encoded);
  if (!plan) return broken(plan.error().what);
  for (const plan::Item& item : plan->items) {
    if (item.index >= context->frame.list.tests.size()) return broken("names tests that are not in the run's list");
  }
  context->plan = std::move(*plan);
  return context;
}

bool is_going_on(const std::string& directory) {
  return os::is_locked(directory + "/" + std::string(kPresence)) ||
         os::is_locked(FixtureFiles(directory).file("keeper.lock"));
}

bool may_go_on(const std::string& directory) {
  if (os::exists(directory + "/" + kEnded)) return false;
  const std::string keys = os::directory_of(os::directory_of(directory)) + "/by-ctest";
  for (const std::string& key : os::list_directory(keys)) {
    const auto run = os::read_file(keys + "/" + key);
    if (run && run->substr(0, run->find('\n')) == os::file_name_of(directory) && os::is_alive(key)) return true;
  }
  return false;
}

report::MergeInput told_by_journals(const RunContext& context) {
  report::MergeInput input;
  input.frame = context.frame;
  input.plan = &context.plan;
  input.all_parts_required = context.rerun || !context.by_entries;
  input.quarantine = context.quarantine;
  input.cached = context.cached;
  input.journals = load_journals(context.directory);
  input.lost_starts = lost_starts(context.directory);
  for (std::uint32_t number = 1; os::exists(context.queue_file(number)); ++number) {
    auto snapshot = Queue::snapshot(context.queue_file(number));
    if (snapshot) input.queues.emplace(number, std::move(*snapshot));
  }
  return input;
}

}  // namespace cleave::run
