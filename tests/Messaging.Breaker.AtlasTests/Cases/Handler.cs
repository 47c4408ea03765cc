namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>A dependency that the test itself plays, without a client.</summary>
/// <param name="handle">What the handler of a message does.</param>
sealed class Handler(Func<int, CancellationToken, Task> handle) : Dependency
{
    public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) =>
        CallAsync(services, token => Fails(number) ? throw new IOException("The dependency is down.") : handle(number, token), cancellationToken);
}
