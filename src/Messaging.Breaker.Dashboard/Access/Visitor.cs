using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Access;

/// <summary>Who sent a request: the user's name, or else the address of the connection.</summary>
static class Visitor
{
    public static string NameOf(HttpContext context) =>
        UserNameOf(context) ?? context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";

    /// <summary>Null unless the host's authentication knows the user.</summary>
    public static string? UserNameOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name }
        ? string.Concat(name.Select(letter => char.IsControl(letter) ? ' ' : letter))
        : null;
}
