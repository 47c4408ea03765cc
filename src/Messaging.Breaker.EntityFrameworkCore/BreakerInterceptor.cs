using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Breaker.EntityFrameworkCore;

/// <summary>
/// Reports the outcome of each database call to a breaker. While the breaker refuses, no call is made, and it ends in <see
/// cref="BreakerOpenException"/>.
/// </summary>
sealed class BreakerInterceptor : IDbCommandInterceptor, IDbConnectionInterceptor, IDbTransactionInterceptor
{
    static readonly ConditionalWeakTable<CircuitBreaker, BreakerInterceptor> Interceptors = [];

    // By command, connection or transaction. EF Core does not always report how a call ended, for example when another interceptor throws.
    readonly ConditionalWeakTable<object, StrongBox<GuardedCall>> _calls = [];
    readonly CircuitBreaker _breaker;

    BreakerInterceptor(CircuitBreaker breaker) => _breaker = breaker;

    public static BreakerInterceptor Of(CircuitBreaker breaker) => Interceptors.GetValue(breaker, known => new BreakerInterceptor(known));

    public InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Begin(command, result.HasResult);
        return result;
    }

    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        new(ReaderExecuting(command, eventData, result));

    public DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        if (_calls.TryGetValue(command, out var call))
            call.Value.Answered();
        return result;
    }

    public ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default) =>
        new(ReaderExecuted(command, eventData, result));

    /// <summary>
    /// Nothing reports what happened while rows were read, and a wrapping reader would not work, because providers cast readers to their own
    /// types. The connection shows it: a lost or hanging server takes the connection down.
    /// </summary>
    public InterceptionResult DataReaderDisposing(DbCommand command, DataReaderDisposingEventData eventData, InterceptionResult result)
    {
        End(command, command.Connection is { State: ConnectionState.Open }
            ? new Classification(Outcome.Success)
            : new Classification(Outcome.Failure, Detail: "the connection broke while rows were read"));
        return result;
    }

    public InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Begin(command, result.HasResult);
        return result;
    }

    public ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        new(NonQueryExecuting(command, eventData, result));

    public int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        End(command, new Classification(Outcome.Success));
        return result;
    }

    public ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        new(NonQueryExecuted(command, eventData, result));

    public InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Begin(command, result.HasResult);
        return result;
    }

    public ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) =>
        new(ScalarExecuting(command, eventData, result));

    public object? ScalarExecuted(DbCommand command, CommandExecutedEventData eventData, object? result)
    {
        End(command, new Classification(Outcome.Success));
        return result;
    }

    public ValueTask<object?> ScalarExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, object? result, CancellationToken cancellationToken = default) =>
        new(ScalarExecuted(command, eventData, result));

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Fail(command, eventData.Exception, CancellationToken.None);

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default) =>
        Fail(command, eventData.Exception, cancellationToken);

    public void CommandCanceled(DbCommand command, CommandEndEventData eventData) => Cancel(command, CancellationToken.None);

    public Task CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default) =>
        Cancel(command, cancellationToken);

    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Begin(connection, result.IsSuppressed);
        return result;
    }

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(ConnectionOpening(connection, eventData, result));

    /// <summary>The connection may come from the pool, so only the first command shows that the server answers.</summary>
    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => End(connection, new Classification(Outcome.Ignored));

    public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }

    public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) =>
        Fail(connection, eventData.Exception, CancellationToken.None);

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default) =>
        Fail(connection, eventData.Exception, cancellationToken);

    public void ConnectionCanceled(DbConnection connection, ConnectionEndEventData eventData) => Cancel(connection, CancellationToken.None);

    public Task ConnectionCanceledAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
        Cancel(connection, cancellationToken);

    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        Begin(transaction, result.IsSuppressed);
        return result;
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(TransactionCommitting(transaction, eventData, result));

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => End(transaction, new Classification(Outcome.Success));

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionCommitted(transaction, eventData);
        return Task.CompletedTask;
    }

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) =>
        Fail(transaction, eventData.Exception, CancellationToken.None);

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default) =>
        Fail(transaction, eventData.Exception, cancellationToken);

    /// <exception cref="BreakerOpenException">The breaker refuses.</exception>
    void Begin(object subject, bool isAnsweredByAnother)
    {
        _calls.Remove(subject);
        if (!isAnsweredByAnother)
            _calls.Add(subject, new StrongBox<GuardedCall>(GuardedCall.Begin(_breaker)));
    }

    void End(object subject, Classification finding)
    {
        if (_calls.Remove(subject, out var call))
            call.Value.End(finding);
    }

    Task Fail(object subject, Exception exception, CancellationToken cancellationToken)
    {
        if (!_calls.Remove(subject, out var call))
            return Task.CompletedTask;
        if (exception is OperationCanceledException)
            call.Value.End(exception, cancellationToken);
        else
            call.Value.End(DatabaseOutcome.Of(exception, _breaker.Options.Exceptions), exception);
        return Task.CompletedTask;
    }

    Task Cancel(object subject, CancellationToken cancellationToken) =>
        Fail(subject, new OperationCanceledException(cancellationToken), cancellationToken);
}
