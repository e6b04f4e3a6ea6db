#pragma once

#include <cctype>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cleave::test {

/// A directed graph in the language of Graphviz, read by the part of its grammar that a plan uses: statements end with
/// a semicolon, clusters are not nested, and arrows have two ends.
struct DotGraph {
  std::string error;                            ///< Empty, or the first thing that is not grammar.
  std::map<std::string, std::string> labels;    ///< By id, the escapes of strings resolved.
  std::map<std::string, std::string> clusters;  ///< The subgraph of each node that is in one.
  std::vector<std::pair<std::string, std::string>> arrows;
};

class DotParser {
 public:
  explicit DotParser(std::string text) : text_(std::move(text)) {}

  DotGraph parse() {
    expect("digraph");
    identifier();
    expect("{");
    statements("");
    expect("}");
    blanks();
    if (at_ < text_.size()) fail("more behind the graph");
    return std::move(graph_);
  }

 private:
  bool failed() const { return !graph_.error.empty(); }
  void fail(const std::string& what) {
    if (!failed()) graph_.error = "at byte " + std::to_string(at_) + ": " + what;
  }
  void blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(const std::string& token) {
    blanks();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }
  void expect(const std::string& token) {
    if (!take(token)) fail("'" + token + "' is missing");
  }
  /// A word of letters, digits and underscores, or a string in double quotes.
  std::string identifier() {
    blanks();
    std::string word;
    if (!take("\"")) {
      while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
        word += text_[at_++];
      if (word.empty()) fail("an identifier is missing");
      return word;
    }
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\n') fail("a line ends within a string");
      if (text_[at_] != '\\') {
        word += text_[at_++];
        continue;
      }
      const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (escaped != 'n' && escaped != '"' && escaped != '\\') fail("an escape that means something else");
      word += escaped == 'n' ? '\n' : escaped;
      at_ += 2;
    }
    expect("\"");
    return word;
  }
  std::map<std::string, std::string> attributes() {
    std::map<std::string, std::string> all;
    if (!take("[")) return all;
    do {
      const std::string name = identifier();
      expect("=");
      all[name] = identifier();
    } while (!failed() && take(","));
    expect("]");
    return all;
  }
  void statements(const std::string& cluster) {
    blanks();
    while (!failed() && at_ < text_.size() && text_[at_] != '}') {
      const std::string id = identifier();
      if (id == "subgraph") {
        const std::string name = identifier();
        expect("{");
        statements(name);
        expect("}");
      } else if (take("->")) {
        graph_.arrows.emplace_back(id, identifier());
        attributes();
        expect(";");
      } else if (take("=")) {
        identifier();
        expect(";");
      } else {
        const auto with = attributes();
        expect(";");
        if (id != "node") graph_.labels[id] = with.count("label") != 0 ? with.at("label") : "";
        if (!cluster.empty()) graph_.clusters[id] = cluster;
      }
      blanks();
    }
  }

  std::string text_;
  std::size_t at_ = 0;
  DotGraph graph_;
};

}  // namespace cleave::test
