namespace Messaging.Breaker.Configuration;

/// <summary>The names of alternatives, as the user wrote them.</summary>
static class AlternativeNames
{
    /// <returns>The problem with them; null if there is none.</returns>
    public static string? ProblemOf(IReadOnlyList<string> names)
    {
        if (names.Any(string.IsNullOrWhiteSpace))
            return "has a name that is null or blank";
        if (names.Count < 2)
            return "needs at least two breakers, any one of which is enough; for a single breaker use UseBreaker or [GuardedBy]";
        return names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(name => name.Count() > 1) is { } twice
            ? $"names breaker '{twice.Key}' twice: it cannot stand in for itself"
            : null;
    }
}
