using System.Text.Json;

namespace Messaging.Breaker.Sharing;

/// <summary>The fields of a state that this version of the library does not know.</summary>
/// <param name="Format">The format that they are of.</param>
/// <param name="Fields">As they were written.</param>
sealed record LaterFields(int Format, IReadOnlyList<KeyValuePair<string, JsonElement>> Fields)
{
    // A peer that writes nonsense must not make every other carry it around.
    const int MostFields = 32;
    const int LongestField = 1_000;

    /// <returns>Null if there is nothing to hand on.</returns>
    public static LaterFields? Of(JsonElement state, int format, IReadOnlySet<string> known)
    {
        var fields = state.EnumerateObject()
            .Where(field => !known.Contains(field.Name) && field.Name.Length + field.Value.GetRawText().Length <= LongestField)
            .Take(MostFields)
            .Select(field => KeyValuePair.Create(field.Name, field.Value.Clone()))
            .ToList();
        return fields.Count > 0 || format > SharedStateConverter.Format ? new LaterFields(format, fields) : null;
    }
}
