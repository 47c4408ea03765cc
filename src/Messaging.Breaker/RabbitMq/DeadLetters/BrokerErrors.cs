using System.Net.Sockets;
using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Explains what a broker refuses, as opposed to a lost connection. No text contains a password.</summary>
sealed class BrokerErrors(string broker, string queue)
{
    public async Task<T> DoAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (Explain(exception) is { } words)
        {
            throw words;
        }
    }

    public Task DoAsync(Func<Task> act, CancellationToken cancellationToken) => DoAsync(
        async () =>
        {
            await act().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <returns>Null if the exception does not come from the broker.</returns>
    public Exception? Explain(Exception exception) => exception switch
    {
        BrokerUnreachableException { InnerException: AuthenticationFailureException or PossibleAuthenticationFailureException } => new DeadLetterException(
            $"The broker at {broker} refuses the user of the bus; correct its credentials.", exception),
        OperationInterruptedException { ShutdownReason: { } reason } => Explain(reason, exception),
        BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or IOException or SocketException or TimeoutException or ObjectDisposedException
            or OperationCanceledException => Lost(exception.Message, exception),
        _ => null,
    };

    Exception Explain(ShutdownEventArgs reason, Exception exception) => reason.ReplyCode switch
    {
        Constants.AccessRefused => new DeadLetterException(
            $"The broker at {broker} does not permit it: {reason.ReplyText} Grant the user of the bus permission to read and write '{queue}' and the queue that its messages came from.", exception),
        Constants.ResourceLocked => new DeadLetterException(
            $"Queue '{queue}' at {broker} is in use by another instance, or is exclusive to another connection: {reason.ReplyText} Wait until that instance has finished, or cancel the run there.", exception),
        Constants.NotFound => new DeadLetterException($"Queue '{queue}' at {broker} was deleted in the meantime: {reason.ReplyText}", exception),
        _ => Lost(reason.ReplyText, exception),
    };

    ConnectionLostException Lost(string why, Exception exception) => new($"the connection to the broker at {broker} is lost ({why})", exception);
}
