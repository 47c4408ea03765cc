using System.Text.Json;

namespace Messaging.Breaker.Sharing;

/// <summary>The fields of a state that this version of the library does not know.</summary>
/// <param name="Format">Their format.</param>
/// <param name="Fields">The fields as they were written.</param>
sealed record UnknownFields(int Format, IReadOnlyList<KeyValuePair<string, JsonElement>> Fields)
{
    // A peer that writes nonsense must not make all others pass it on.
    const int MostFields = 32;
    const int LongestField = 1_000;

    /// <returns>Null if there is nothing to pass on.</returns>
    public static UnknownFields? Of(JsonElement state, int format, IReadOnlySet<string> known)
    {
        var fields = state.EnumerateObject()
            .Where(field => !known.Contains(field.Name) && field.Name.Length + field.Value.GetRawText().Length <= LongestField)
            .Take(MostFields)
            .Select(field => KeyValuePair.Create(field.Name, field.Value.Clone()))
            .ToList();
        return fields.Count > 0 || format > SharedStateConverter.Format ? new UnknownFields(format, fields) : null;
    }
}
