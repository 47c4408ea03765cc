namespace Messaging.Breaker.Breakers;

/// <summary>What has become known about a dependency since a call to it failed.</summary>
enum Evidence
{
    /// <summary>Nothing: nobody else has called it.</summary>
    None,

    /// <summary>A call that began after the failure succeeded.</summary>
    DependencyWorks,

    /// <summary>The breaker left the state in which the call was admitted, or the endpoint is about to stop.</summary>
    StateChanged,
}
