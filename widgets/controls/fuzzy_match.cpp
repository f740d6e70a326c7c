#include "widgets/controls/fuzzy_match.h"

#include <QStringList>
#include <algorithm>

namespace millrace::widgets {

namespace {

constexpr int wordRank = 400;
constexpr int startRank = 300;
constexpr int insideRank = 150;
constexpr int lettersRank = 40;

bool isWordStart(const QString& name, qsizetype at) {
    return at == 0 || (!name[at - 1].isLetterOrNumber() && name[at].isLetterOrNumber());
}

/// Letters in order; those that begin words count, gaps cost. Too thin a resemblance is none.
int lettersIn(const QString& name, const QString& word) {
    int starts = 0;
    int gaps = 0;
    qsizetype at = -1;
    for (const QChar letter : word) {
        const qsizetype next = name.indexOf(letter, at + 1, Qt::CaseInsensitive);
        if (next < 0) {
            return 0;
        }
        starts += isWordStart(name, next) ? 1 : 0;
        gaps += at >= 0 && next != at + 1 && !isWordStart(name, next) ? 1 : 0;
        at = next;
    }
    const bool isAlike =
        isWordStart(name, name.indexOf(word.front(), 0, Qt::CaseInsensitive)) && gaps <= word.size() / 2;
    return word.size() > 1 && isAlike ? lettersRank + std::min(starts, 10) - gaps : 0;
}

int rankOfWord(const QString& name, const QString& word) {
    int best = 0;
    for (qsizetype at = name.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
         at = name.indexOf(word, at + 1, Qt::CaseInsensitive)) {
        const qsizetype end = at + word.size();
        const bool isWhole = end == name.size() || !name[end].isLetterOrNumber();
        best = std::max(best, !isWordStart(name, at) ? insideRank : isWhole ? wordRank : startRank);
    }
    return best > 0 ? best : lettersIn(name, word);
}

}  // namespace

int fuzzyRank(const QString& name, const QString& typed) {
    const QStringList words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    int sum = 0;
    for (const QString& word : words) {
        const int rank = rankOfWord(name, word);
        if (rank == 0) {
            return 0;
        }
        sum += rank;
    }
    const QString wanted = words.join(QLatin1Char(' '));
    const bool begins = name.startsWith(wanted, Qt::CaseInsensitive);
    const int whole = begins && name.size() == wanted.size() ? 1000 : begins ? 500 : 0;
    const auto shortness = static_cast<int>(std::max<qsizetype>(0, 60 - name.size()) / 6);
    return 1 + (words.isEmpty() ? 0 : sum * 10 / static_cast<int>(words.size()) + whole * 10 + shortness);
}

}  // namespace millrace::widgets
