#include "run/journal.hpp"

#include <utility>

#include "os/file.hpp"

namespace cleave::run {

Result<JournalWriter> JournalWriter::open(const std::string& path) {
  // A writer that was killed may have left half a frame: it is cut off, so that what follows can be read.
  if (auto bytes = os::read_file(path)) {
    plan::FrameCutter cutter(*bytes);
    while (cutter.next()) {
    }
    if (cutter.used() < bytes->size()) {
      if (auto cut = os::write_private_file(path, std::string_view(*bytes).substr(0, cutter.used())); !cut)
        return cut.error();
    }
  }
  auto fd = os::open_append(path);
  if (!fd) return fd.error();
  JournalWriter writer;
  writer.fd_ = std::move(*fd);
  writer.path_ = path;
  return writer;
}

void JournalWriter::flush() {
  if (buffer_.empty() || !failed_.empty()) return;
  if (auto written = os::write_all(fd_.get(), buffer_); !written) failed_ = path_ + ": " + written.error().what;
  buffer_.clear();
}

namespace {

report::Journal load_journal(const std::string& path) {
  report::Journal journal;
  journal.file = os::file_name_of(path);
  auto bytes = os::read_file(path);
  if (!bytes) {
    if (os::exists(path)) journal.unreadable = bytes.error().what;
    return journal;
  }
  bool any = false;
  const auto whole = report::visit_journal(
      *bytes, [&](report::Record&) { any = true; }, report::Attempts::passed_over);
  if (!whole) {
    journal.unreadable = whole.error().what;
  } else if (!any && !bytes->empty()) {
    journal.unreadable = "it ends within its first record: its shard was killed, or found no space";
  } else {
    journal.bytes = std::move(*bytes);
  }
  return journal;
}

std::vector<report::Journal> each_journal(const std::string& run_directory,
                                          report::Journal (*read)(const std::string& path)) {
  std::vector<report::Journal> journals;
  for (const std::string& name : os::list_directory(run_directory)) {
    if (name.ends_with(".journal")) journals.push_back(read(run_directory + "/" + name));
  }
  return journals;
}

}  // namespace

std::vector<report::Journal> read_journals(const std::string& run_directory) {
  return each_journal(run_directory, read_journal);
}

std::vector<report::Journal> load_journals(const std::string& run_directory) {
  return each_journal(run_directory, load_journal);
}

report::Journal read_journal(const std::string& path) {
  report::Journal journal = load_journal(path);
  if (auto records = report::decode_journal(std::exchange(journal.bytes, {}))) journal.records = std::move(*records);
  return journal;
}

}  // namespace cleave::run
