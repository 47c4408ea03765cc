using System.Text.Json;

namespace Messaging.Breaker.Diagnostics;

/// <summary>Enumeration values as metrics and spans write them: HalfOpen is "half_open".</summary>
static class SnakeCase
{
    public static string Of<T>(T value) where T : struct, Enum => Cache<T>.ByValue[value];

    public static IReadOnlyCollection<T> All<T>() where T : struct, Enum => Cache<T>.ByValue.Keys;

    static class Cache<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
