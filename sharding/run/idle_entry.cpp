#include "run/idle_entry.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "plan/codec.hpp"
#include "run/journal.hpp"
#include "run/keeper.hpp"
#include "run/kept_run.hpp"
#include "run/run_store.hpp"

namespace cleave::run {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr const char* kReport = "/junit.xml";
constexpr std::string_view kEntry = "--cleave-entry=";
constexpr std::string_view kSettings = "--cleave-settings=";
constexpr std::string_view kTree = "--cleave-tree=";
constexpr std::string_view kFolder = "--cleave-dir=";
constexpr std::string_view kFolderVariable = "CLEAVE_DIR=";
constexpr std::string_view kVariables = "CLEAVE_";

/// What an idle entry needs to know.
struct Word {
  std::string run_id;
  std::string directory;
  std::chrono::nanoseconds clock_offset{};
  bool reports = false;                ///< Whoever wrote this sees to the report.
  std::uint32_t lane = 0;              ///< Of a serial entry.
  std::uint32_t shards = 0;            ///< How many the run has.
  std::vector<std::string> words;      ///< The command line of who wrote this, without --cleave-entry.
  std::vector<std::string> variables;  ///< And what is ours of its environment, sorted.
};

/// In the folder that all programs of the tree share while this ctest lives. Programs, and calls of
/// cleave_add_shards() for one program, have settings files of their own.
std::string file_of(const std::string& folder, std::string_view settings, std::string_view part) {
  char name[64];
  std::snprintf(name, sizeof name, "/idle-%016llx-",
                static_cast<unsigned long long>(plan::identity_of("", "", settings, 0)));
  return folder + name + std::string(part);
}

std::string encode(const Word& word) {
  plan::Writer out;
  out.number(kVersion);
  out.text(word.run_id);
  out.text(word.directory);
  out.number(word.clock_offset.count());
  out.flag(word.reports);
  out.number(word.lane);
  out.number(word.shards);
  for (const auto* texts : {&word.words, &word.variables}) {
    out.number(static_cast<std::uint32_t>(texts->size()));
    for (const std::string& each : *texts) out.text(each);
  }
  return std::move(out.bytes());
}

std::optional<Word> decode(std::string_view bytes) {
  plan::Reader in(bytes);
  Word word;
  if (in.number<std::uint32_t>() != kVersion) return std::nullopt;
  word.run_id = in.text();
  word.directory = in.text();
  word.clock_offset = std::chrono::nanoseconds(in.number<std::int64_t>());
  word.reports = in.flag();
  word.lane = in.number<std::uint32_t>();
  word.shards = in.number<std::uint32_t>();
  for (auto* texts : {&word.words, &word.variables}) {
    const auto count = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) texts->push_back(in.text());
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return word;
}

std::optional<Word> read(const std::string& file) {
  const auto bytes = os::read_file(file);
  return bytes ? decode(*bytes) : std::nullopt;
}

bool is_entry(std::string_view argument) { return argument.starts_with(kEntry); }

/// The one argument that begins so; empty when there is none, or more than one.
std::string_view only(const std::vector<std::string>& words, std::string_view prefix) {
  std::string_view found;
  for (const std::string& word : words) {
    if (!word.starts_with(prefix)) continue;
    if (!found.empty()) return {};
    found = std::string_view(word).substr(prefix.size());
  }
  return found;
}

/// Those of Cleave, sorted.
std::vector<std::string> ours(std::vector<std::string> variables) {
  std::erase_if(variables, [](const std::string& each) { return !each.starts_with(kVariables); });
  std::sort(variables.begin(), variables.end());
  return variables;
}

/// The folder of all ctests, as run_entry() finds it; empty when the arguments do not say it.
std::string tree_of(const std::vector<std::string>& words, const std::vector<std::string>& variables) {
  std::string_view folder = only(words, kFolder);
  if (folder.empty()) folder = only(variables, kFolderVariable);
  if (folder.empty()) return std::string(only(words, kTree));
  return os::absolute_path(folder) + "/cleave/.tree";
}

/// The entry of this process, if it is one that can be idle.
struct Self {
  std::string name;
  std::string part;
  std::uint32_t shard = 0;
};

std::optional<Self> self_of(std::string_view entry) {
  Self self;
  if (entry == "serial") return Self{"serial", "serial", 0};
  std::uint32_t count = 0;
  char end = 0;
  if (std::sscanf(std::string(entry).c_str(), "shard:%u/%u%c", &self.shard, &count, &end) != 2) return std::nullopt;
  self.name = "shard-" + std::to_string(self.shard);
  self.part = "parallel";
  return self;
}

/// Under a ctest that makes several runs: it is the last of them, and not over.
bool goes_on(const Word& word, const os::ProcessKey& ctest) {
  const RunStore store(os::directory_of(os::directory_of(word.directory)));
  return store.run_of(ctest.text()) == word.run_id && !os::exists(word.directory + "/" + std::string(kEnded));
}

/// The journal of an execution that found nothing to do.
bool write_journal(const Word& word, const Self& self) {
  const std::string path = word.directory + "/" + self.name + ".journal";
  if (os::exists(path)) return false;
  auto journal = JournalWriter::open(path);
  if (!journal) return false;
  report::ExecutionBegin begin;
  begin.run_id = word.run_id;
  begin.shard = self.name;
  begin.part = self.part;
  begin.execution = 1;
  begin.queue = 1;
  begin.lane = self.part == "serial" ? word.lane : self.shard;
  begin.pid = os::current_pid();
  begin.when = os::wall_now();
  journal->add(begin);
  journal->add(report::ExecutionEnd{0, "", os::wall_now()});
  journal->flush();
  return journal->failed().empty();
}

}  // namespace

void tell_idle(const Caller& caller, const RunContext& context, const std::string& part, bool reports) {
  if (part != "parallel" && part != "serial") return;
  if (!context.made_by_begin || context.plan.crosses_parts() || needs_keeper(caller, context)) return;
  if (!caller.options.events.empty() || caller.options.settings_file.empty()) return;
  const std::string file = file_of(context.shared, caller.options.settings_file, part);
  // That of a former run stays when one ctest makes several.
  if (const auto before = read(file);
      before && before->run_id == context.frame.run_id && (before->reports || !reports)) {
    return;
  }
  Word word;
  word.run_id = context.frame.run_id;
  word.directory = context.directory;
  word.clock_offset = os::clock_offset();
  word.reports = reports;
  word.lane = context.lanes;
  word.shards = context.frame.shard_count;
  word.words = os::command_line_of(os::current_pid());
  if (std::erase_if(word.words, is_entry) != 1) return;
  word.variables = ours(os::all_environment());
  (void)os::write_private_file(file, encode(word));
}

void end_if_idle(int argc, char** argv, char** envp) {
  if (std::none_of(argv, argv + argc, [](const char* each) { return is_entry(each); })) return;
  std::vector<std::string> words(argv, argv + argc);
  std::vector<std::string> variables;
  for (char** each = envp; *each != nullptr; ++each) variables.emplace_back(*each);
  variables = ours(std::move(variables));
  const auto self = self_of(only(words, kEntry));
  const std::string tree = tree_of(words, variables);
  if (!self || tree.empty() || os::tracer_pid() != 0) return;
  const os::ProcessKey ctest = os::ctest_or_parent();
  const auto word = read(file_of(tree + "/" + ctest.text(), only(words, kSettings), self->part));
  std::erase_if(words, is_entry);
  if (!word || word->words != words || word->variables != variables || self->shard >= word->shards) return;
  if (!goes_on(*word, ctest) || !(word->reports || os::exists(word->directory + kReport))) return;
  os::follow_clock(word->clock_offset);
  if (!write_journal(*word, *self)) return;
  (void)os::write_all(1, "cleave: " + self->name + " of run " + word->run_id + ": 0 tests\n");
  os::exit_now(0);
}

}  // namespace cleave::run
