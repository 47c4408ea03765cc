using System.Globalization;
using System.Text;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Turns a good document into a bad one, or into one of a later version. The same seed always gives the same result.</summary>
static class Mutation
{
    static readonly string[] Values =
    [
        "null", "true", "0", "-1", "99", "1e308", "-0.5", "9223372036854775807", "4503599627370495", "4503599627370496", "18446744073709551616",
        "\"\"", "\"99\"", "\" \"", "\"Open\"", "\"Draining\"", "\"Open, Isolated\"", "\"10675199.02:48:05.4775807\"", "\"-10675199.02:48:05\"", "\"00:00:30\"",
        "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00Z\"", "\"\\u0000\\n\\u202e\"", "\"\\ud83d\"", "[]", "[null]", "[[]]", "{}", "{\"a\":{}}",
    ];

    /// <summary>How many inputs each property is tried with. MESSAGING_BREAKER_FUZZ sets another number.</summary>
    public static int Inputs =>
        int.TryParse(Environment.GetEnvironmentVariable("MESSAGING_BREAKER_FUZZ"), CultureInfo.InvariantCulture, out var inputs) ? inputs : 2_000;

    public static string Of(string document, int seed)
    {
        var random = new Random(seed);
        for (var change = random.Next(1, 5); change > 0; change--)
            document = random.Next(8) switch
            {
                0 => Cut(document, random),
                1 => Flip(document, random),
                2 => Repeat(document, random),
                3 => Text(random),
                _ => Replace(document, random),
            };
        return document;
    }

    public static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var letters = random.Next(40); letters > 0; letters--)
            text.Append(random.Next(4) switch
            {
                0 => (char)random.Next(32),
                1 => (char)random.Next(0x10000),
                _ => (char)random.Next(32, 127),
            });
        return text.ToString();
    }

    /// <summary>Replaces one value with another.</summary>
    static string Replace(string document, Random random)
    {
        var starts = Enumerable.Range(0, document.Length).Where(at => document[at] is ':' or '[' or ',').ToList();
        if (starts.Count == 0)
            return document;
        var start = starts[random.Next(starts.Count)] + 1;
        var end = start;
        for (var isText = false; end < document.Length && (isText || document[end] is not (',' or '}' or ']')); end++)
            isText ^= document[end] == '"';
        return string.Concat(document.AsSpan(0, start), Values[random.Next(Values.Length)], document.AsSpan(end));
    }

    static string Cut(string document, Random random) => document[..random.Next(document.Length + 1)];

    static string Flip(string document, Random random)
    {
        if (document.Length == 0)
            return document;
        var at = random.Next(document.Length);
        return string.Concat(document.AsSpan(0, at), ((char)random.Next(128)).ToString(), document.AsSpan(at + 1));
    }

    static string Repeat(string document, Random random)
    {
        var start = random.Next(document.Length + 1);
        return string.Concat(document.AsSpan(0, start), document.AsSpan(random.Next(start + 1)));
    }
}
