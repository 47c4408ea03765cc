using System.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.RabbitMq.Sharing;
using Messaging.Breaker.Redis;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>
/// Opens the page or the store that was named. Its messages never contain an address as it was given, because that may contain a password.
/// </summary>
sealed class SourceChoice(CommonOptions options, Surroundings surroundings, Secrets secrets)
{
    const string DefaultPrefix = "messaging-breaker";
    const string PageForm = "an address such as http://host:5000/breakers";
    const string StoreForm = "an address such as redis://user:password@host:6379, rediss://..., amqp://user:password@host:5672/vhost or amqps://...";
    static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <exception cref="CommandException">None or two were named, or the named one is invalid.</exception>
    public ISource Open(ParseResult parsed)
    {
        var (page, store) = (parsed.GetValue(options.Page), parsed.GetValue(options.Store));
        if (page is null && store is null)
            (page, store) = (Variable("BREAKERS_PAGE"), Variable("BREAKERS_STORE"));
        var limit = parsed.GetValue(options.Timeout) ?? DefaultLimit;
        var by = OneLineOf(parsed.GetValue(options.By) ?? Variable("BREAKERS_BY") ?? Surroundings.UserName);
        return (page, store) switch
        {
            (null, null) => throw Usage("Which breakers? Neither --page nor --store was given.", $"--page takes {PageForm}, --store {StoreForm}; or set BREAKERS_PAGE or BREAKERS_STORE."),
            ({ }, { }) => throw Usage("Both a page and a store were given.", "Give one of them: --page shows one worker with its endpoints and queues, --store the states of the whole fleet."),
            ({ }, null) => OpenPage(parsed, page, by, limit),
            _ => OpenStore(store!, Text(parsed, options.Prefix, "BREAKERS_PREFIX") ?? DefaultPrefix, by, limit),
        };
    }

    PageSource OpenPage(ParseResult parsed, string address, string by, TimeSpan limit)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https") || page.Host.Length == 0)
            throw Usage($"--page is not {PageForm}.");
        secrets.AddAddress(page);
        var token = TokenOf(parsed);
        secrets.Add(token);
        var headers = (parsed.GetValue(options.Header) ?? []).Select(HeaderOf).ToList();
        string? authorization;
        try
        {
            authorization = PageAccess.AuthorizationOf(page, Text(parsed, options.Scheme, "BREAKERS_SCHEME") ?? "Bearer", token);
        }
        catch (FormatException)
        {
            throw Usage("--scheme is not the name of a scheme such as Bearer.");
        }

        secrets.Add(authorization);
        return new PageSource(new PageClient(new PageAccess(page, authorization, headers, by), limit, surroundings.Time), surroundings.Time);
    }

    StoreSource OpenStore(string address, string prefix, string by, TimeSpan limit)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var store) || store.Host.Length == 0)
            throw Usage($"--store is not {StoreForm}.", "Write ':', '@' and '/' in a password as %3A, %40 and %2F.");
        secrets.AddAddress(store);
        var shown = store.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        return new StoreSource(new StoreCalls(VisitorOf(store, address, prefix, limit), shown, prefix, limit, surroundings.Time), by, surroundings.Time);
    }

    IFleetVisitor VisitorOf(Uri store, string address, string prefix, TimeSpan limit)
    {
        switch (store.Scheme)
        {
            case "redis" or "rediss":
                var redis = new RedisSharingOptions { KeyPrefix = prefix };
                Check(redis);
                try
                {
                    var configuration = RedisConfiguration.Read(address);
                    // So that the reason of a failed connection is known before the time is over.
                    (configuration.ConnectTimeout, configuration.ConnectRetry) = ((int)Math.Min(limit.TotalMilliseconds / 2, int.MaxValue), 1);
                    return new RedisVisitor(new RedisStateStore(configuration, redis, surroundings.Time, isVisitors: true));
                }
                catch (ArgumentException)
                {
                    throw Usage("--store is not a valid Redis address: write redis://user:password@host:6379/0, where the number is the database.");
                }

            case "amqp" or "amqps" or "rabbitmq" or "rabbitmqs":
                // Half of it, so that if the last instance has just ended, there is time left to do without it.
                var bus = new BusSharingOptions { Address = store, Prefix = prefix, StoreTimeout = TimeSpan.FromSeconds(Math.Clamp(limit.TotalSeconds / 2, 0.01, 60)) };
                Check(bus);
                return new BusVisitor(bus, surroundings.Time, NullLoggerFactory.Instance);
            default:
                throw Usage($"--store has the scheme '{Words.Legible(store.Scheme)}', which no store has: give {StoreForm}.");
        }
    }

    static void Check(SharingOptions options)
    {
        if (options.Validate().FirstOrDefault() is { } problem)
            throw Usage(problem);
    }

    string? TokenOf(ParseResult parsed)
    {
        if (parsed.GetValue(options.Token) is { } token)
            return token.Trim();
        var file = parsed.GetValue(options.TokenFile);
        if (file is null && Variable("BREAKERS_TOKEN") is { } variable)
            return variable.Trim();
        file ??= Variable("BREAKERS_TOKEN_FILE");
        try
        {
            return file is null ? null : File.ReadAllText(file).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Usage($"The token file cannot be read: {exception.Message}");
        }
    }

    KeyValuePair<string, string> HeaderOf(string header)
    {
        var parts = header.Split(':', 2, StringSplitOptions.TrimEntries);
        if (parts.Length < 2 || parts[0].Length == 0 || header.Any(char.IsControl))
            throw Usage("--header must be a name and a value, such as 'X-Api-Key: ...'.");
        secrets.Add(parts[1]);
        return new KeyValuePair<string, string>(parts[0], parts[1]);
    }

    string? Text(ParseResult parsed, Option<string?> option, string variable) => parsed.GetValue(option) ?? Variable(variable);

    string? Variable(string name) => surroundings.Variable(name) is { Length: > 0 } value ? value : null;

    static string OneLineOf(string text) => OneLine.Of(text.Trim(), 100);

    static CommandException Usage(string message, string? advice = null) => new(ExitCode.Usage, message, advice);
}
