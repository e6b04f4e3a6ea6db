#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cleave::run {

/// What is to be undone, newest first. Thread-safe.
class UndoStack {
 public:
  void push(std::function<void()> undo);
  /// Runs and forgets everything, also what is pushed meanwhile. Returns the texts of the exceptions that were thrown;
  /// the others still run.
  std::vector<std::string> run();
  /// Runs until one throws, and returns its text; nothing when all have been run.
  std::optional<std::string> run_to_failure();
  bool empty() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> undos_;
};

/// The text of the exception that is being handled; call it in a catch block.
std::string text_of_current_exception();

}  // namespace cleave::run
