#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/text.hpp"

namespace cleave::test {

/// One element with its decoded attributes and text.
struct XmlNode {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlNode> children;
  std::string text;

  /// The attribute's value, or "(none)".
  std::string at(std::string_view key) const {
    for (const auto& [name_of, value] : attributes) {
      if (name_of == key) return value;
    }
    return "(none)";
  }
  std::vector<const XmlNode*> all(std::string_view child) const {
    std::vector<const XmlNode*> found;
    for (const XmlNode& node : children) {
      if (node.name == child) found.push_back(&node);
    }
    return found;
  }
  /// The first child of that name; null when there is none.
  const XmlNode* first(std::string_view child) const {
    for (const XmlNode& node : children) {
      if (node.name == child) return &node;
    }
    return nullptr;
  }
  /// This element and all below it of that name.
  void collect(std::string_view wanted, std::vector<const XmlNode*>& found) const {
    if (name == wanted) found.push_back(this);
    for (const XmlNode& node : children) node.collect(wanted, found);
  }
};

/// A strict parser for the part of XML 1.0 that reports use. It knows neither CDATA, DTDs nor comments inside of the
/// root, and refuses everything that is not well-formed: invalid UTF-8, forbidden characters, unknown references,
/// attributes that occur twice, a bare `<` or `&`, `]]>` in text, anything behind the root.
class XmlParser {
 public:
  static std::optional<XmlNode> parse(std::string_view text) {
    XmlParser parser(text);
    if (!parser.legal_characters()) return std::nullopt;
    parser.skip("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    parser.blank();
    XmlNode root;
    if (!parser.element(root)) return std::nullopt;
    parser.blank();
    if (parser.at_ != text.size()) return std::nullopt;
    return root;
  }

 private:
  explicit XmlParser(std::string_view text) : text_(text) {}

  bool legal_characters() const {
    for (std::size_t i = 0; i < text_.size();) {
      const report::Decoded step = report::decode_utf8(text_, i);
      if (!step.valid || step.code == 0xFFFE || step.code == 0xFFFF) return false;
      if (step.code < 0x20 && step.code != '\t' && step.code != '\n' && step.code != '\r') return false;
      i += step.length;
    }
    return true;
  }
  bool skip(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void blank() {
    while (at_ < text_.size() && std::string_view(" \n\t\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool name(std::string& out) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (at_ >= text_.size() || !letter(text_[at_])) return false;
    while (at_ < text_.size() &&
           (letter(text_[at_]) || (text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '-' || text_[at_] == '.')) {
      out += text_[at_++];
    }
    return true;
  }
  bool reference(std::string& out) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos) return false;
    const std::string_view body = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (body == "amp")
      out += '&';
    else if (body == "lt")
      out += '<';
    else if (body == "gt")
      out += '>';
    else if (body == "quot")
      out += '"';
    else if (body == "apos")
      out += '\'';
    else if (body == "#9")
      out += '\t';
    else if (body == "#10")
      out += '\n';
    else if (body == "#13")
      out += '\r';
    else
      return false;
    return true;
  }
  bool attribute(XmlNode& node) {
    std::string key;
    std::string value;
    if (!name(key) || !skip("=\"") || node.at(key) != "(none)") return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '<' || text_[at_] == '\n' || text_[at_] == '\t') return false;
      if (text_[at_] == '&') {
        if (!reference(value)) return false;
      } else {
        value += text_[at_++];
      }
    }
    node.attributes.emplace_back(std::move(key), std::move(value));
    return skip("\"");
  }
  bool element(XmlNode& node) {
    if (!skip("<") || !name(node.name)) return false;
    while (true) {
      const std::size_t before = at_;
      blank();
      if (skip("/>")) return true;
      if (skip(">")) break;
      if (at_ == before || !attribute(node)) return false;
    }
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "</") {
        std::string end;
        return skip("</") && name(end) && end == node.name && skip(">");
      }
      if (text_.substr(at_, 3) == "]]>") return false;
      if (text_[at_] == '<') {
        node.children.emplace_back();
        if (!element(node.children.back())) return false;
      } else if (text_[at_] == '&') {
        if (!reference(node.text)) return false;
      } else {
        node.text += text_[at_++];
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The root of `text`, or nothing when it is not well-formed.
inline std::optional<XmlNode> parse_xml(std::string_view text) { return XmlParser::parse(text); }

}  // namespace cleave::test
