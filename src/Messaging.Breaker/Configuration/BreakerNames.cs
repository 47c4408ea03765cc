using System.Text.RegularExpressions;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Configuration;

/// <summary>The names that were added in code, in order; each once.</summary>
sealed partial class BreakerNames
{
    /// <summary>What a name has to look like, for errors.</summary>
    public const string Form = "use 1 to 100 letters, digits, '.', '_' and '-'";

    const int LongestShown = 100;

    readonly List<string> _names = [];

    public IReadOnlyList<string> All => _names;

    public static bool IsWellFormed(string? name) => name is not null && WellFormed().IsMatch(name);

    public void Add(string name)
    {
        if (!IsWellFormed(name))
            throw new ArgumentException($"'{OneLine.Of(name ?? "", LongestShown)}' is not a breaker's name: {Form}.", nameof(name));
        if (name.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{name}' is the name of an endpoint's own breaker: names that begin with '{BreakerRegistry.EndpointPrefix}' are given by the library.", nameof(name));
        if (name.Equals(BreakersSection.StartPaused, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{name}' is an option of the worker, under Breakers in the configuration, and cannot be the name of a breaker.", nameof(name));
        if (_names.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"A breaker named '{name}' was added before; each name may be added once.", nameof(name));
        _names.Add(name);
    }

    [GeneratedRegex(@"^[\p{L}\p{Nd}._-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex WellFormed();
}
