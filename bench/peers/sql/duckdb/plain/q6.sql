-- Handles of users with more than four log-ins and at least one add-to-cart in the week before an instant.
SELECT handle
FROM users JOIN (
    SELECT user_no
    FROM events
    WHERE name IN ('Logged In', 'Added To Cart') AND time >= $as_of_ms - $week_ms AND time < $as_of_ms
    GROUP BY user_no
    HAVING count(*) FILTER (WHERE name = 'Logged In') > 4 AND count(*) FILTER (WHERE name = 'Added To Cart') >= 1
) USING (user_no)
