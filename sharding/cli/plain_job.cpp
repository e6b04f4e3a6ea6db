#include "cli/plain_job.hpp"

#include <algorithm>
#include <utility>

#include "os/file.hpp"
#include "os/machine.hpp"

namespace cleave::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::string whole(const os::Fd& file) {
  auto text = os::read_at(file.get(), 0, os::end_offset(file.get()));
  return text ? std::move(*text) : std::string();
}

}  // namespace

PlainJob::PlainJob(os::Program process, Framework framework, std::string shard, std::string results, os::Fd output,
                   nanoseconds limit)
    : process_(std::move(process)),
      framework_(framework),
      shard_(std::move(shard)),
      results_(std::move(results)),
      output_(std::move(output)),
      limit_(limit),
      began_(os::monotonic_now()),
      wall_began_(os::wall_now()),
      newest_start_(began_),
      story_(framework) {}

Result<PlainJob> PlainJob::start(const PlainProgram& program, const std::vector<std::string>& selecting,
                                 const JobPlace& place) {
  static std::uint64_t number = 0;  // Of this process's jobs.
  const std::string results = place.folder + "/batch-" + std::to_string(++number);
  auto output = os::open_nameless(place.folder);
  if (!output) return output.error();
  os::ProgramImage image;
  image.arguments.push_back(program.path);
  for (const auto& more : {program.arguments, reporting_arguments(program.framework, results), selecting})
    image.arguments.insert(image.arguments.end(), more.begin(), more.end());
  image.environment = place.environment;
  auto process = os::Program::start(image, *output);
  if (!process) return process.error();
  return PlainJob(std::move(*process), program.framework, place.shard, results, std::move(*output), place.limit);
}

milliseconds PlainJob::pause() const noexcept {
  if (limit_.count() == 0 || !killed_.empty()) return milliseconds(1000);
  return std::clamp(std::chrono::duration_cast<milliseconds>(limit_ / 10), milliseconds(5), milliseconds(100));
}

void PlainJob::watch(nanoseconds now) {
  if (!killed_.empty()) return;
  const auto opened = framework_ == Framework::gtest ? os::duplicate(output_.get()) : [&] {
    auto file = os::open_to_read(results_);
    return file ? std::move(*file) : os::Fd();
  }();
  if (opened.valid()) {
    const std::uint64_t size = os::end_offset(opened.get());
    const auto text = size > looked_at_ ? os::read_at(opened.get(), looked_at_, size - looked_at_)
                                        : Result<std::string>(std::string());
    const std::uint32_t starts = story_.starts();
    if (text) looked_at_ += story_.read(*text);
    if (story_.starts() > starts) newest_start_ = now;
  }
  if (limit_.count() == 0 || now - newest_start_ < limit_) return;
  timed_out_ = true;
  kill("killed after " + std::to_string(std::chrono::duration_cast<milliseconds>(limit_).count()) +
       " ms, the limit for one test");
}

void PlainJob::kill(const std::string& why) {
  if (!killed_.empty()) return;
  killed_ = why;
  constexpr int kKill = 9;
  process_.signal(kKill);
}

BatchEnd PlainJob::finish() {
  BatchEnd end;
  if (const auto status = process_.finish()) end.status = *status;
  // It may have ended by itself just before.
  if (end.status.signalled) {
    end.killed = killed_;
    end.timed_out = timed_out_;
  }
  end.wall = os::monotonic_now() - began_;
  end.start = wall_began_;
  end.shard = shard_;
  const std::string output = whole(output_);
  const auto results = os::read_file(results_);
  const std::string told = results ? *results : std::string();
  end.story = framework_ == Framework::gtest ? read_gtest_story(told, output) : read_catch2_story(told);
  end.output = kept_output(output);
  os::remove_tree(results_);
  return end;
}

}  // namespace cleave::cli
