using System.Text.RegularExpressions;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Breakers;

/// <summary>The names that were added in code, in order.</summary>
sealed partial class BreakerNames
{
    /// <summary>The form of a name, for error messages.</summary>
    public const string Form = "use 1 to 100 letters, digits, '.', '_' and '-'";

    const int LongestShown = 100;

    readonly List<string> _names = [];

    public IReadOnlyList<string> All => _names;

    public static bool IsWellFormed(string? name) => name is not null && WellFormed().IsMatch(name);

    public void Add(string name)
    {
        if (!IsWellFormed(name))
            throw new ArgumentException($"'{OneLine.Of(name ?? "", LongestShown)}' is not a valid breaker name: {Form}.", nameof(name));
        if (name.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{name}' is the name of an endpoint's own breaker: the library gives the names that begin with '{BreakerRegistry.EndpointPrefix}'.", nameof(name));
        if (BreakersSection.IsReserved(name))
            throw new ArgumentException($"'{name}' is an option of the worker in the configuration section Breakers, and cannot be the name of a breaker.", nameof(name));
        if (_names.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"A breaker named '{name}' has already been added; each name can be added only once.", nameof(name));
        _names.Add(name);
    }

    [GeneratedRegex(@"^[\p{L}\p{Nd}._-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex WellFormed();
}
