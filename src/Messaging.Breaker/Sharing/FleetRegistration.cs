namespace Messaging.Breaker.Sharing;

sealed record FleetRegistration(SharingOptions Options, Func<IServiceProvider, IBreakerStateStore> Store);
