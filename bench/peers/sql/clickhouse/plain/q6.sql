-- Handles of users with more than four log-ins and at least one add-to-cart in the week before an instant.
SELECT handle
FROM users
WHERE user_id IN (
    SELECT user_id
    FROM $events
    WHERE type = 'custom' AND name IN ('Logged In', 'Added To Cart')
        AND time >= $as_of_ms - $week_ms AND time < $as_of_ms
    GROUP BY user_id
    HAVING countIf(name = 'Logged In') > 4 AND countIf(name = 'Added To Cart') >= 1
)
