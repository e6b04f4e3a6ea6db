#include "cli/replay_command.hpp"

#include "cli/kept_report.hpp"
#include "cli/program_kind.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "report/console.hpp"
#include "report/order.hpp"
#include "run/kept_run.hpp"
#include "run/run_store.hpp"

namespace cleave::cli {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// A word that a shell reads as it stands needs no quotes.
std::string shown(const std::string& word) {
  const bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-") ==
                     std::string::npos;
  return plain ? word : report::shell_quoted(word);
}

}  // namespace

Result<Done> run_replay(const CommandWords& words) {
  const auto place = find_run(words.words[0]);
  if (!place) return place.error();
  if (place->directory.empty()) return usage("'" + place->given + "' is a report; name the directory of the run");
  const std::string order = os::absolute_path(place->directory) + "/order.json";
  if (run::is_going_on(place->directory) && !os::exists(order))
    return usage("'" + place->given + "': the run still goes on; its order is known when it has ended");
  const auto text = os::read_users_file(order);
  if (!text)
    return Error{Errc::broken, "the run left no order that could be repeated: " + text.error().what,
                 text.error().sys_errno};
  if (const auto read = report::read_order(*text, order); !read) return Error{Errc::broken, read.error().what, 0};
  const auto context = run::RunStore::read(place->directory);
  if (!context) return Error{Errc::broken, context.error().what, context.error().sys_errno};
  const report::RunReport& frame = context->frame;
  const auto kind = kind_of_file(frame.binary);
  if (!kind) return kind.error();
  if (!kind->sharded) return usage("'" + frame.binary + "' has no Cleave in it, which repeats the order of a run");
  std::vector<std::string> line{frame.binary, "--cleave-jobs=" + std::to_string(frame.shard_count),
                                "--cleave-replay=" + order};
  // <base>/cleave/<target>/runs/<id>, where base is not beside the program.
  std::string base = os::absolute_path(place->directory);
  for (int i = 0; i < 4; ++i) base = os::directory_of(base);
  if (base != os::directory_of(frame.binary)) line.push_back("--cleave-dir=" + base);
  if (words.has("--run")) {
    const Error failed = os::replace_by(line);
    return Error{Errc::broken, failed.what, failed.sys_errno};
  }
  std::string printed;
  for (const std::string& word : line) printed += (printed.empty() ? "" : " ") + shown(word);
  return Done{printed + "\n"};
}

}  // namespace cleave::cli
