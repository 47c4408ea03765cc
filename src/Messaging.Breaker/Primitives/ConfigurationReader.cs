using Microsoft.Extensions.Configuration;

namespace Messaging.Breaker.Primitives;

/// <summary>Reads a section of the configuration into options.</summary>
static class ConfigurationReader
{
    const int LongestProblem = 500;

    /// <returns>
    /// Why it cannot be read; null if it was read. The binder repeats the value that it cannot use, and a misplaced address may contain a
    /// password.
    /// </returns>
    public static string? ReadInto(this IConfiguration section, object options)
    {
        try
        {
            // Otherwise a misspelt option would silently keep its default.
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            var addresses = section.AsEnumerable().Select(entry => entry.Value).OfType<string>().Where(value => value.AsSpan().ContainsAny('@', '/'));
            var problem = addresses.Aggregate(exception.Message, (text, address) => text.Replace(address, "(an address)", StringComparison.Ordinal));
            return OneLine.Of(problem, LongestProblem);
        }
    }
}
