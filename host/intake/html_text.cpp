#include "intake/html_text.h"

#include "base/utf8.h"

#include <algorithm>
#include <gumbo.h>

namespace hearback::intake {

namespace {

// The parser frees its tree by recursion, one level for each tag that is open; and it opens what
// changes the letters (<b>, <font>) anew in every paragraph, so that the tree of N tags can have
// N * N / 9 nodes: here 40 MB.
constexpr std::ptrdiff_t kTagsMax = 1000;

bool isHidden(GumboTag tag) {
    return tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_HEAD ||
           tag == GUMBO_TAG_TEMPLATE || tag == GUMBO_TAG_NOSCRIPT;
}

bool isBlock(GumboTag tag) {
    switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_BR:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE: return true;
    default: return false;
    }
}

// Puts text together: runs of spaces become one, blocks begin on a line of their own.
class TextBuilder {
  public:
    void add(std::string_view text) {
        for (const char c : text) {
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                space_ = true;
                continue;
            }
            if (space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
            space_ = false;
            out_ += c;
        }
    }
    void breakLine() {
        space_ = false;
        if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    }
    std::string take() {
        while (!out_.empty() && out_.back() == '\n') out_.pop_back();
        return std::move(out_);
    }

  private:
    std::string out_;
    bool space_ = false;
};

std::string stripTags(std::string_view html) {
    TextBuilder text;
    while (!html.empty()) {
        const auto open = html.find('<');
        text.add(html.substr(0, open));
        if (open == std::string_view::npos) break;
        const auto close = html.find('>', open);
        if (close == std::string_view::npos) break;
        text.add(" ");
        html.remove_prefix(close + 1);
    }
    return text.take();
}

// Walks the tree without recursion: down to the first child, else on to the next sibling.
void walk(const GumboNode* root, TextBuilder& text) {
    const GumboNode* node = root;
    while (node != nullptr) {
        const GumboNode* next = nullptr;
        if (node->type == GUMBO_NODE_ELEMENT) {
            const GumboElement& element = node->v.element;
            if (isBlock(element.tag)) text.breakLine();
            if (!isHidden(element.tag) && element.children.length > 0)
                next = static_cast<const GumboNode*>(element.children.data[0]);
        } else if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
                   node->type == GUMBO_NODE_CDATA) {
            text.add(node->v.text.text);
        }
        while (next == nullptr && node != root) {
            if (node->type == GUMBO_NODE_ELEMENT && isBlock(node->v.element.tag)) text.breakLine();
            const GumboNode* parent = node->parent;
            if (parent == nullptr || parent->type != GUMBO_NODE_ELEMENT) return;
            const GumboVector& siblings = parent->v.element.children;
            const std::size_t following = node->index_within_parent + 1;
            if (following < siblings.length)
                next = static_cast<const GumboNode*>(siblings.data[following]);
            else
                node = parent;
        }
        node = next;
    }
}

} // namespace

std::string htmlToText(std::string_view html) {
    if (std::count(html.begin(), html.end(), '<') > kTagsMax) return htmlToText(stripTags(html));
    const GumboOptions options = kGumboDefaultOptions;
    GumboOutput* tree = gumbo_parse_with_options(&options, html.data(), html.size());
    TextBuilder text;
    walk(tree->root, text);
    gumbo_destroy_output(&options, tree);
    // Gumbo 0.10 counts beyond an int in a reference such as &#x11000bbbbbbbb; and writes what
    // comes.
    return base::repairUtf8(text.take());
}

} // namespace hearback::intake
