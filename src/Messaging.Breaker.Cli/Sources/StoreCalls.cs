using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Sharing;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>Calls to a store, under a time limit. What its failures mean for the user is decided only here.</summary>
sealed class StoreCalls(IFleetVisitor visitor, string address, string prefix, TimeSpan limit, TimeProvider time) : IAsyncDisposable
{
    public string Address => address;

    /// <exception cref="CommandException">There is no such fleet.</exception>
    public async Task<FleetPresence> LookAsync(CancellationToken cancellationToken) => await CallAsync(visitor.LookAsync, cancellationToken) ?? throw new CommandException(
        ExitCode.NotFound,
        $"There is no fleet '{prefix}' in the store at {address}.",
        "--prefix is the workers' KeyPrefix (Redis) or Prefix (RabbitMQ). A fleet exists once its first instance has started.");

    public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(CancellationToken cancellationToken) => CallAsync(
        async token => (IReadOnlyList<SharedBreakerState>)[.. (await visitor.ReadAsync(token)).Where(state => StateCheck.Problem(state) is null).Select(StateCheck.Tidy)],
        cancellationToken);

    public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        CallAsync(token => visitor.ChangeAsync(next, token), cancellationToken);

    public Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list, CancellationToken cancellationToken) =>
        CallAsync(token => visitor.ReadListAsync(list, token), cancellationToken);

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => CallAsync(
        async token =>
        {
            await visitor.PutAsync(list, id, text, token);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => visitor.DisposeAsync();

    async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreCall.InTimeAsync(call, limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new CommandException(ExitCode.Unreachable, $"The store at {address} did not answer within {Words.Of(limit)}.", "Is it up? Use --timeout to wait longer.");
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            throw new CommandException(ExitCode.Unauthorised, $"The store at {address} refuses access: {exception.GetBaseException().Message}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not CommandException)
        {
            throw new CommandException(ExitCode.Unreachable, $"The store at {address} is out of reach: {exception.GetBaseException().Message}", "Is the address right, and the store up?");
        }
    }

    /// <summary>Redis says so only in its text.</summary>
    static bool IsRefusal(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
            if (inner is AuthenticationFailureException or OperationInterruptedException { ShutdownReason.ReplyCode: 403 }
                || inner.Message.Contains("NOAUTH", StringComparison.Ordinal) || inner.Message.Contains("WRONGPASS", StringComparison.Ordinal)
                || inner.Message.Contains("NOPERM", StringComparison.Ordinal) || inner.Message.Contains("AuthenticationFailure", StringComparison.Ordinal))
                return true;
        return false;
    }
}
