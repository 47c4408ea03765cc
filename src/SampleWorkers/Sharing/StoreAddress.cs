using System.Globalization;

namespace SampleWorkers.Sharing;

/// <summary>Where the workers share the state of their breakers: on a Redis, or on the broker itself. As a string it has no password.</summary>
sealed class StoreAddress
{
    public const string Form = "an address such as redis://user:password@host:6379, or bus for the broker itself";

    const string BusWord = "bus";

    StoreAddress() => (Host, User, Password) = ("", "", "");

    StoreAddress(Uri uri)
    {
        var credentials = uri.UserInfo.Split(':', 2);
        Host = uri.Host;
        Port = uri.Port > 0 ? uri.Port : 6379;
        IsTls = uri.Scheme is "rediss";
        User = Uri.UnescapeDataString(credentials[0]);
        Password = credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : "";
    }

    public static StoreAddress Bus { get; } = new();

    public bool IsBus => this == Bus;

    public string Host { get; }

    public int Port { get; }

    public bool IsTls { get; }

    public string User { get; }

    public string Password { get; }

    /// <exception cref="FormatException">It is not such an address. The message does not contain it, because it may contain a
    /// password.</exception>
    public static StoreAddress Parse(string text) =>
        string.Equals(text, BusWord, StringComparison.OrdinalIgnoreCase) ? Bus
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsRedis(uri) ? new StoreAddress(uri)
        : throw new FormatException($"Not {Form}.");

    /// <summary>With the password; must never be printed.</summary>
    public string ToConnectionString() => IsBus ? BusWord : Format($"{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@");

    public override string ToString() => IsBus ? "the broker" : Format(User.Length > 0 ? $"{Uri.EscapeDataString(User)}@" : "");

    static bool IsRedis(Uri uri) => uri.Scheme is "redis" or "rediss" && uri.Host.Length > 0 && uri.PathAndQuery is "" or "/";

    string Format(string credentials) => string.Create(
        CultureInfo.InvariantCulture, $"{(IsTls ? "rediss" : "redis")}://{(credentials is ":@" ? "" : credentials)}{Host}:{Port}");
}
