using System.Globalization;

namespace SampleWorkers.Transport;

/// <summary>The address of a RabbitMQ broker. As a string it has no password.</summary>
sealed class BrokerAddress
{
    public const string Form = "an address such as amqp://user:password@host:5672/vhost";

    public static readonly BrokerAddress Default = Parse("amqp://guest:guest@127.0.0.1:5672/");

    BrokerAddress(BrokerAddress other) =>
        (Host, Port, VirtualHost, User, Password, IsTls) = (other.Host, other.Port, other.VirtualHost, other.User, other.Password, other.IsTls);

    BrokerAddress(Uri uri)
    {
        var credentials = uri.UserInfo.Split(':', 2);
        Host = uri.Host;
        IsTls = uri.Scheme is "amqps";
        Port = (ushort)(uri.Port > 0 ? uri.Port : IsTls ? 5671 : 5672);
        VirtualHost = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')) is { Length: > 0 } name ? name : "/";
        User = credentials[0] is { Length: > 0 } user ? Uri.UnescapeDataString(user) : "guest";
        Password = credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : "guest";
    }

    public string Host { get; private init; }

    public ushort Port { get; private init; }

    public string VirtualHost { get; }

    public string User { get; }

    public string Password { get; }

    public bool IsTls { get; }

    /// <summary>The management plugin's default address.</summary>
    public Uri DefaultManagement => new UriBuilder("http", Host, 15672).Uri;

    /// <exception cref="FormatException">It is not such an address. The message does not contain it, because it may contain a
    /// password.</exception>
    public static BrokerAddress Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0
            ? new BrokerAddress(uri)
            : throw new FormatException($"Not {Form}.");

    /// <summary>The same broker at another address.</summary>
    public BrokerAddress At(string host, ushort port) => new(this) { Host = host, Port = port };

    /// <summary>With the password; must never be printed.</summary>
    public string ToConnectionString() => Format($"{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}");

    public override string ToString() => Format(Uri.EscapeDataString(User));

    string Format(string credentials) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsTls ? "amqps" : "amqp")}://{credentials}@{Host}:{Port}/{(VirtualHost is "/" ? "" : Uri.EscapeDataString(VirtualHost))}");
}
