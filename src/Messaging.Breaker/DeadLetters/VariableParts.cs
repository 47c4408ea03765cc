using System.Text;

namespace Messaging.Breaker.DeadLetters;

/// <summary>Removes the parts of an exception's text that differ between messages, so that one cause has one text.</summary>
static class VariableParts
{
    const char Number = '#';
    const string Quoted = "'…'";

    /// <summary>A word with a digit becomes <c>#</c>, and so do words joined only by a mark. Quoted text becomes <c>'…'</c>.</summary>
    public static string Remove(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var letter = text[at];
            if (ClosingOf(letter) is { } closing && (at == 0 || !IsOfWord(text[at - 1])) && FindClosing(text, at, closing) is > 0 and var end)
            {
                result.Append(Quoted);
                at = end + 1;
            }
            else if (IsOfWord(letter))
            {
                at = AppendWord(result, text, at);
            }
            else
            {
                result.Append(letter);
                at++;
            }
        }

        return result.ToString();
    }

    static int AppendWord(StringBuilder result, string text, int begin)
    {
        var end = begin;
        var hasDigit = false;
        for (; end < text.Length && IsOfWord(text[end]); end++)
            hasDigit |= char.IsDigit(text[end]);
        if (!hasDigit)
            result.Append(text, begin, end - begin);
        else if (result.Length >= 2 && result[^2] == Number && (result[^1] is '.' or ',' or ':' or '/' or '+'))
            result.Length--;
        else
            result.Append(Number);
        return end;
    }

    static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-';

    static char? ClosingOf(char opening) => opening switch
    {
        '\'' or '"' or '`' => opening,
        '“' => '”',
        '«' => '»',
        _ => null,
    };

    /// <summary>Not an apostrophe: no letter follows the end of a quotation.</summary>
    static int FindClosing(string text, int opening, char closing)
    {
        var at = opening;
        do
            at = text.IndexOf(closing, at + 1);
        while (at > 0 && at + 1 < text.Length && IsOfWord(text[at + 1]));
        return at;
    }
}
