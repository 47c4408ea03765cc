using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

/// <summary>Finds the group whose key begins with what the user typed.</summary>
static class GroupKey
{
    public static async Task<string?> FindAsync(ISource source, string queue, string? beginning, CancellationToken cancellationToken)
    {
        if (beginning is null)
            return null;
        var groups = (await source.LookAsync(queue, withBodies: false, cancellationToken)).Groups;
        var meant = groups.Where(group => group.Key.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)).Select(group => group.Key).ToList();
        return meant switch
        {
            [var key] => key,
            [] => throw Names.NotFound("group", beginning, [.. groups.Select(group => group.Key)]),
            _ when meant.Contains(beginning) => beginning,
            _ => throw Names.Ambiguous("group", beginning, meant),
        };
    }
}
