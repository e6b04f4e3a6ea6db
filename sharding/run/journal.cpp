#include "run/journal.hpp"

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

std::vector<report::Journal> read_journals(const std::string& run_directory) {
  std::vector<report::Journal> journals;
  for (const std::string& name : os::list_directory(run_directory)) {
    if (name.ends_with(".journal")) journals.push_back(read_journal(run_directory + "/" + name));
  }
  return journals;
}

report::Journal read_journal(const std::string& path) {
  report::Journal journal;
  journal.file = os::file_name_of(path);
  auto bytes = os::read_file(path);
  if (!bytes) {
    if (os::exists(path)) journal.unreadable = bytes.error().what;
    return journal;
  }
  auto records = report::decode_journal(*bytes);
  if (records) {
    journal.records = std::move(*records);
  } else {
    journal.unreadable = records.error().what;
  }
  return journal;
}

}  // namespace cleave::run
