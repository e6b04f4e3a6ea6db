#include "cli/replay_command.hpp"

#include <array>
#include <filesystem>

#include "cli/kept_report.hpp"
#include "cli/program_kind.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "report/console.hpp"
#include "report/order.hpp"
#include "run/failure.hpp"
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

/// How a run is called again.
struct Call {
  std::string directory;               ///< Where.
  std::vector<std::string> variables;  ///< "GTEST_FILTER=A.*".
  std::vector<std::string> words;      ///< Behind the program's name.
  std::vector<std::string> left_out;   ///< What the recorded run was told besides.
};

/// All that the framework was told, but for files of results: those of the recorded run stay as they are.
Call call_of(const run::RunContext& context) {
  Call call;
  call.directory = context.working_directory;
  for (const std::string& variable : context.variables) {
    const bool writes = variable.starts_with("GTEST_OUTPUT=") || variable.starts_with("GTEST_XML_OUTPUT_FILE=");
    (writes ? call.left_out : call.variables).push_back(variable);
  }
  const bool catch2 = context.frame.list.framework == "catch2";
  const std::vector<std::string>& given = context.arguments;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    const bool apart = catch2 && (word == "-o" || word == "--out");
    const bool joined =
        catch2 && (word.starts_with("-o=") || word.starts_with("--out=") || word.find("::out=") != std::string::npos);
    const bool gtest = word.starts_with("--gtest_output=");
    if (!apart && !joined && !gtest) {
      call.words.push_back(word);
      continue;
    }
    call.left_out.push_back(word);
    // Catch2's "-r NAME::out=FILE" in two words: the name of the option goes with its value.
    if (joined && !call.words.empty() && (call.words.back() == "-r" || call.words.back() == "--reporter")) {
      call.left_out.back() = call.words.back() + " " + word;
      call.words.pop_back();
    }
    if (apart && i + 1 < given.size()) call.left_out.back() += " " + given[++i];
  }
  return call;
}

/// This process becomes the program; returns only when it cannot.
Error become(const Call& call, const std::vector<std::string>& line) {
  std::error_code failed;
  if (!call.directory.empty()) std::filesystem::current_path(call.directory, failed);
  if (failed)
    return Error{Errc::broken, "the run was started in " + call.directory + ": " + failed.message(), failed.value()};
  for (const std::string& variable : os::all_environment()) {
    if (variable.starts_with("GTEST_")) os::unset_environment(variable.substr(0, variable.find('=')));
  }
  for (const std::string& variable : call.variables) {
    const auto equals = variable.find('=');
    os::set_environment(variable.substr(0, equals), variable.substr(equals + 1));
  }
  const Error error = os::replace_by(line);
  return Error{Errc::broken, error.what, error.sys_errno};
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
  const Call call = call_of(*context);
  line.insert(line.end(), call.words.begin(), call.words.end());
  for (const std::string& word : call.left_out)
    run::warn("left out of what the run was told, because it names a file of results: " + shown(word));
  if (words.has("--run")) return become(call, line);
  std::string printed;
  for (const std::string& variable : call.variables) {
    const auto equals = variable.find('=') + 1;
    printed += variable.substr(0, equals) + shown(variable.substr(equals)) + " ";
  }
  for (std::size_t i = 0; i < line.size(); ++i) printed += (i == 0 ? "" : " ") + shown(line[i]);
  std::error_code failed;
  const bool elsewhere = !call.directory.empty() && call.directory != std::filesystem::current_path(failed).string();
  if (elsewhere) printed = "(cd " + shown(call.directory) + " && " + printed + ")";
  return Done{printed + "\n"};
}

}  // namespace cleave::cli
