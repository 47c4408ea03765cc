namespace Messaging.Breaker.Configuration;

/// <summary>The names of breakers of which one is enough, as somebody wrote them.</summary>
static class AlternativeNames
{
    /// <returns>What is wrong with them; null if nothing is.</returns>
    public static string? ProblemOf(IReadOnlyList<string> names)
    {
        if (names.Any(string.IsNullOrWhiteSpace))
            return "has a name that is null or blank";
        if (names.Count < 2)
            return "needs at least two breakers, of which one is enough; for a single one there is UseBreaker, or [GuardedBy]";
        return names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(name => name.Count() > 1) is { } twice
            ? $"names breaker '{twice.Key}' twice: it cannot stand in for itself"
            : null;
    }
}
