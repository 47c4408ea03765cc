using System.Text.RegularExpressions;

namespace Messaging.Breaker.Configuration;

/// <summary>The names that were added in code, in order; each once.</summary>
sealed partial class BreakerNames
{
    readonly List<string> _names = [];

    public IReadOnlyList<string> All => _names;

    public static bool IsWellFormed(string? name) => name is not null && WellFormed().IsMatch(name);

    public void Add(string name)
    {
        if (!IsWellFormed(name))
            throw new ArgumentException($"'{name}' is not a breaker's name: use 1 to 100 letters, digits, '.', '_' and '-'.", nameof(name));
        if (_names.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"A breaker named '{name}' was added before; each name may be added once.", nameof(name));
        _names.Add(name);
    }

    [GeneratedRegex(@"^[\p{L}\p{Nd}._-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex WellFormed();
}
