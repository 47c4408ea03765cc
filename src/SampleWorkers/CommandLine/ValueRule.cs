using System.Globalization;
using SampleWorkers.Drill;
using SampleWorkers.Payments;
using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.CommandLine;

/// <param name="Allowed">The allowed values, in words.</param>
/// <param name="Parse">Throws a <see cref="FormatException"/> for any other.</param>
/// <param name="IsSecret">The value must not be repeated in an error.</param>
sealed record ValueRule<T>(string Allowed, Func<string, T> Parse, bool IsSecret = false);

static class ValueRules
{
    public static readonly ValueRule<BrokerAddress?> Broker = new(BrokerAddress.Form, BrokerAddress.Parse, IsSecret: true);

    public static readonly ValueRule<StoreAddress?> Store = new(StoreAddress.Form, StoreAddress.Parse, IsSecret: true);

    public static readonly ValueRule<Outage> Outage = new(Drill.Outage.Form, Drill.Outage.Parse);

    public static readonly ValueRule<PaymentsMode> Failure = OneOf(PaymentsMode.Error, PaymentsMode.Hang, PaymentsMode.Slow, PaymentsMode.Unavailable);

    public static readonly ValueRule<Uri?> HttpAddress = new(
        "an address such as http://127.0.0.1:5080",
        text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 ? uri : throw new FormatException(),
        IsSecret: true);

    /// <summary>The server would take any other host, and a user before it, as a request to listen everywhere.</summary>
    public static readonly ValueRule<Uri?> ListenAddress = new(
        "an http address of this machine, such as http://127.0.0.1:5080 or http://0.0.0.0:5080, with no user and no path",
        text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http", UserInfo: "", PathAndQuery: "/", Fragment: "" }
            && (uri.Host == "localhost" || uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6) ? uri : throw new FormatException(),
        IsSecret: true);

    public static readonly ValueRule<string?> QueuePrefix = new(
        "up to 60 letters, digits and dashes",
        text => text.Length is > 0 and <= 60 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-') ? text : throw new FormatException());

    public static readonly ValueRule<FileInfo?> JsonSettings = new("the path of a JSON file that holds an object", JsonFile.Parse);

    public static ValueRule<T> OneOf<T>(params T[] values) where T : struct, Enum => new(
        $"one of {string.Join(", ", values).ToLowerInvariant()}",
        text => values.Any(value => Named(value, text)) ? values.First(value => Named(value, text)) : throw new FormatException());

    public static ValueRule<int> Number(int min, int max) => new(
        $"a whole number from {min} to {max}",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException());

    public static ValueRule<int?> OptionalNumber(int min, int max) => Optional(Number(min, max));

    public static ValueRule<T?> Optional<T>(ValueRule<T> rule) where T : struct => new(rule.Allowed, text => rule.Parse(text));

    public static ValueRule<double> Decimal(double min, double max) => new(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException());

    static bool Named<T>(T value, string text) where T : struct, Enum => string.Equals($"{value}", text, StringComparison.OrdinalIgnoreCase);
}
