using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>Finds a name that the user gave, or suggests similar ones.</summary>
static class Names
{
    const int MostListed = 10;

    /// <summary>The name that matches, ignoring case if that is unambiguous.</summary>
    /// <param name="kind">As in "breaker".</param>
    /// <param name="name">The given name.</param>
    /// <param name="known">The existing names.</param>
    /// <param name="advice">What else to do, if there is none.</param>
    public static string Find(string kind, string name, IReadOnlyCollection<string> known, string? advice = null)
    {
        if (known.Contains(name, StringComparer.Ordinal))
            return name;
        var alike = known.Where(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return alike.Count switch
        {
            1 => alike[0],
            > 1 => throw Ambiguous(kind, name, alike),
            _ => throw NotFound(kind, name, known, advice),
        };
    }

    public static CommandException Ambiguous(string kind, string name, IEnumerable<string> meant) => new(
        ExitCode.Ambiguous, $"'{Words.Legible(name)}' matches more than one {kind}: {List(meant)}.", "Say which one.");

    public static CommandException NotFound(string kind, string name, IReadOnlyCollection<string> known, string? advice = null)
    {
        var near = Nearest(name, known).ToList();
        return new CommandException(
            ExitCode.NotFound,
            $"There is no {kind} named '{Words.Legible(name)}'."
                + (near.Count > 0 ? $" Did you mean {List(near, " or ")}?" : known.Count > 0 ? $" There are {List(known)}." : $" There is no {kind} at all."),
            advice);
    }

    /// <summary>Names that begin with it or contain it, and names that differ by a typing error; the nearest first.</summary>
    static IEnumerable<string> Nearest(string name, IReadOnlyCollection<string> known) => known
        .Select(other => (Name: other, Distance: other.Contains(name, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(name.ToLowerInvariant(), other.ToLowerInvariant())))
        .Where(other => other.Distance <= Math.Max(1, Math.Min(name.Length, other.Name.Length) / 3))
        .OrderBy(other => other.Distance).ThenBy(other => other.Name, StringComparer.Ordinal).Take(3).Select(other => other.Name);

    /// <summary>The Levenshtein distance.</summary>
    static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }

    static string List(IEnumerable<string> names, string separator = ", ")
    {
        var all = names.Select(name => $"'{Words.Legible(name)}'").ToList();
        return string.Join(separator, all.Take(MostListed)) + (all.Count > MostListed ? $" and {all.Count - MostListed} more" : "");
    }
}
