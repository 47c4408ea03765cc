using System.Globalization;

namespace Messaging.Breaker.Sharing;

/// <summary>A call to a store under a time limit, whatever the store does.</summary>
static class StoreCall
{
    /// <exception cref="TimeoutException">There was no answer.</exception>
    public static async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan length, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(length, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // A store that ignores the token is abandoned anyway.
            return await call(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer within {length.TotalSeconds:0.###} s"));
        }
    }
}
